"""What is asked of the node again and again."""

from celery import shared_task
from django.utils import timezone

from marketplace.chain.fate import passing_over, transaction_claim, transaction_follow, transactions_due

A_SWEEP = 200


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
