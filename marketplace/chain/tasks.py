"""Sending and following transactions in the background. A message is only a wake-up for a sweep."""

import logging

from celery import shared_task
from django.utils import timezone

from marketplace.chain.errors import ChainError
from marketplace.chain.fate import passing_over, transaction_claim, transaction_follow, transactions_due
from marketplace.chain.sender import sender_step

logger = logging.getLogger(__name__)
A_SWEEP = 200


@shared_task(name="chain.send")
def send() -> None:
    """Follow what was signed and sign what waits. While the node is away everything stays as it is."""
    try:
        sender_step()
    except ChainError as error:
        if error.permanent:
            raise
        logger.warning("the sender waits: %s", error)


@shared_task(name="chain.fates")
def fates() -> int:
    """Follow what people sent; says how many were asked about. A node that fails is asked again later."""
    asked = 0
    with passing_over():
        for sent in transactions_due(timezone.now())[:A_SWEEP]:
            now = timezone.now()
            if transaction_claim(sent=sent, now=now):
                transaction_follow(sent=sent, now=now)
                asked += 1
    return asked
