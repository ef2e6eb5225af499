"""What the pretend micro-controller does: a clock, outputs that heat, and inputs that measure it."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.provider_agent.drivers.moonraker.mcu.wire import WORD, Message, Value

FREQUENCY = 1_000_000
ADC_MAX = 4095
SPAN_C = 500.0
ROOM_C = 22.0
HEAT_C_PER_S, LOSS_PER_S = 60.0, 0.05
COMMANDS = (
    "allocate_oids count=%c",
    "get_config",
    "finalize_config crc=%u",
    "get_clock",
    "get_uptime",
    "emergency_stop",
    "clear_shutdown",
    "config_reset",
    "config_digital_out oid=%c pin=%u value=%c default_value=%c max_duration=%u",
    "set_digital_out_pwm_cycle oid=%c cycle_ticks=%u",
    "queue_digital_out oid=%c clock=%u on_ticks=%u",
    "update_digital_out oid=%c value=%c",
    "set_digital_out pin=%u value=%c",
    "config_analog_in oid=%c pin=%u",
    "query_analog_in oid=%c clock=%u sample_ticks=%u sample_count=%c rest_ticks=%u min_value=%hu"
    " max_value=%hu range_check_count=%c",
)
RESPONSES = (
    "config is_config=%c crc=%u is_shutdown=%c move_count=%hu",
    "clock clock=%u",
    "uptime high=%u clock=%u",
    "stats count=%u sum=%u sumsq=%u",
    "shutdown clock=%u static_string_id=%hu",
    "is_shutdown static_string_id=%hu",
    "starting",
    "analog_in_state oid=%c next_clock=%u value=%hu",
)
IDENTIFY = Message(1, "identify offset=%u count=%c")
IDENTIFIED = Message(0, "identify_response offset=%u data=%.*s")
STOPPED, OUT_OF_RANGE = 2, 3
PINS = 64


@dataclass
class Output:
    """A pin that is on for `duty` of the time."""

    pin: int
    cycle: int = 1
    duty: float = 0.0


@dataclass
class Input:
    """A pin whose voltage tells a temperature; sampled every `rest` seconds once asked for."""

    pin: int
    celsius: float = ROOM_C
    rest: float = 0.0
    count: int = 1
    limits: tuple[int, int] = (0, 0)
    due: float | None = None


@dataclass
class Controller:
    """The firmware. Heater pin 2k warms the sensor on pin 2k+1. `weather`: ok, cold (no heater heats), hot."""

    send: Callable[[Message, dict[str, Value]], None]
    weather: str = "ok"
    crc: int | None = None
    shutdown: int | None = None
    outputs: dict[int, Output] = field(default_factory=dict)
    inputs: dict[int, Input] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbered = [Message(number, text) for number, text in enumerate(COMMANDS + RESPONSES, start=2)]
        self.commands = {message.number: message for message in (IDENTIFY, *numbered[: len(COMMANDS)])}
        self._responses = {message.name: message for message in numbered[len(COMMANDS) :]}
        self._dictionary = zlib.compress(json.dumps(self._described()).encode())
        self._began = self._before = time.monotonic()

    def obey(self, name: str, values: dict[str, Value]) -> None:
        """Carry out one command; those without a method need nothing done."""
        method = getattr(self, f"_{name}", None)
        if method is not None:
            method(**values)

    def pass_time(self) -> None:
        """Warm, cool and measure up to now."""
        now = time.monotonic()
        seconds, self._before = now - self._before, now
        for number, sensor in self.inputs.items():
            self._warm(sensor, seconds)
            if sensor.due is not None and now >= sensor.due and self.shutdown is None:
                sensor.due = now + sensor.rest
                self._measure(number, sensor)

    def _described(self) -> dict[str, object]:
        return {
            "commands": {message.description: message.number for message in self.commands.values()},
            "responses": {m.description: m.number for m in (IDENTIFIED, *self._responses.values())},
            "output": {},
            "config": {
                "CLOCK_FREQ": FREQUENCY,
                "MCU": "pretend",
                "ADC_MAX": ADC_MAX,
                "STATS_SUMSQ_BASE": 256,
            },
            "enumerations": {
                "pin": {"PA0": [0, PINS]},
                "static_string_id": {"Command request": STOPPED, "ADC out of range": OUT_OF_RANGE},
            },
            "version": "infill-pretend",
            "build_versions": "python",
        }

    def _warm(self, sensor: Input, seconds: float) -> None:
        duty = sum(output.duty for output in self.outputs.values() if output.pin == sensor.pin - 1)
        power = {"cold": 0.0, "hot": duty * HEAT_C_PER_S + 200.0}.get(self.weather, duty * HEAT_C_PER_S)
        sensor.celsius += seconds * (power - (sensor.celsius - ROOM_C) * LOSS_PER_S)

    def _measure(self, number: int, sensor: Input) -> None:
        value = int(max(0.0, min(1.0, sensor.celsius / SPAN_C)) * ADC_MAX * sensor.count)
        low, high = sensor.limits
        if not low <= value <= high:
            return self._stop(OUT_OF_RANGE)
        following = (self._ticks() + int(sensor.rest * FREQUENCY)) & WORD
        return self._answer("analog_in_state", oid=number, next_clock=following, value=value)

    def _stop(self, why: int) -> None:
        self.shutdown = why
        for output in self.outputs.values():
            output.duty = 0.0
        self._answer("shutdown", clock=self._ticks() & WORD, static_string_id=why)

    def _ticks(self) -> int:
        return int((time.monotonic() - self._began) * FREQUENCY)

    def _answer(self, name: str, **values: Value) -> None:
        self.send(self._responses[name], values)

    def _identify(self, offset: int, count: int) -> None:
        self.send(IDENTIFIED, {"offset": offset, "data": self._dictionary[offset : offset + count]})

    def _get_config(self) -> None:
        self._answer(
            "config",
            is_config=int(self.crc is not None),
            crc=self.crc or 0,
            is_shutdown=int(self.shutdown is not None),
            move_count=1024,
        )

    def _finalize_config(self, crc: int) -> None:
        self.crc = crc

    def _get_clock(self) -> None:
        self._answer("clock", clock=self._ticks() & WORD)

    def _get_uptime(self) -> None:
        self._answer("uptime", high=self._ticks() >> 32, clock=self._ticks() & WORD)

    def _emergency_stop(self) -> None:
        self._stop(STOPPED)

    def _clear_shutdown(self) -> None:
        self.shutdown = None

    def _config_reset(self) -> None:
        self.crc = self.shutdown = None
        self.outputs.clear()
        self.inputs.clear()

    def _config_digital_out(self, oid: int, pin: int, **_: int) -> None:
        self.outputs[oid] = Output(pin)

    def _set_digital_out_pwm_cycle(self, oid: int, cycle_ticks: int) -> None:
        self.outputs[oid].cycle = max(1, cycle_ticks)

    def _queue_digital_out(self, oid: int, on_ticks: int, **_: int) -> None:
        self.outputs[oid].duty = on_ticks / self.outputs[oid].cycle

    def _config_analog_in(self, oid: int, pin: int) -> None:
        self.inputs[oid] = Input(pin)

    def _query_analog_in(
        self, oid: int, sample_count: int, rest_ticks: int, min_value: int, max_value: int, **_: int
    ) -> None:
        sensor = self.inputs[oid]
        sensor.rest, sensor.count, sensor.limits = (
            rest_ticks / FREQUENCY,
            sample_count,
            (min_value, max_value),
        )
        sensor.due = time.monotonic() + sensor.rest
