"""Sending in the background. A message is only a wake-up: the sweep runs the same step."""

import logging

from celery import shared_task

from marketplace.chain.errors import ChainError
from marketplace.chain.sender import sender_step

logger = logging.getLogger(__name__)


@shared_task(name="chain.send")
def send() -> None:
    """Follow what was signed and sign what waits. While the node is away everything stays as it is."""
    try:
        sender_step()
    except ChainError as error:
        if error.permanent:
            raise
        logger.warning("the sender waits: %s", error)
