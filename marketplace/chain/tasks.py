"""What is asked of the node again and again."""

import logging

from celery import shared_task
from django.utils import timezone

from marketplace.chain.errors import ChainError
from marketplace.chain.fate import transaction_claim, transaction_follow, transactions_due

A_SWEEP = 200
logger = logging.getLogger(__name__)


@shared_task(name="chain.fates")
def fates() -> int:
    """Follow what people sent; says how many were asked about. A node that fails is asked again later."""
    asked = 0
    for sent in transactions_due(timezone.now())[:A_SWEEP]:
        now = timezone.now()
        if not transaction_claim(sent=sent, now=now):
            continue
        try:
            transaction_follow(sent=sent, now=now)
        except ChainError as error:
            logger.warning("the fate of %s cannot be asked: %s", sent, error)
            if not error.permanent:
                break
        asked += 1
    return asked
