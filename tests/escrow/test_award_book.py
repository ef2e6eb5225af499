"""The award on chain commits to the book of all bids received until then."""

import pytest

from marketplace.bidding.models import Book
from marketplace.escrow.models import Agreement
from protocol.merkle import BookLeaf, MerkleTree
from protocol.typed import infill_domain
from protocol.units import ZERO_DIGEST, bytes_of, hex_of
from tests.factories.operator import operated, operator

__all__ = ["operated", "operator"]


@pytest.fixture
def bids(deal, bo, charlie):
    def make():
        return deal.bid(bo), deal.bid(charlie, unit_price=10**15)

    return make


def test_without_an_operators_key_an_award_names_no_book(deal, bids):
    winner, _ = bids()
    assert deal.award(winner).book == hex_of(ZERO_DIGEST)
    assert not Book.objects.exists()


def test_a_refused_award_closes_no_book(deal, bids, operated, bo):
    winner, _ = bids()
    assert deal.asks(bo, f"bids/{winner.pk}/award").status_code == 404
    unfunded = deal.bid(bo, bonded=False, bond=10**18)
    assert deal.asks(deal.ada, f"bids/{unfunded.pk}/award").status_code == 409
    assert not Book.objects.exists()


def test_the_award_on_chain_shows_the_root_that_its_losers_know(deal, operated, bids):
    winner, loser = bids()
    agreement = deal.award(winner)
    domain = infill_domain(deal.anvil.chain_id, deal.escrow)
    leaves = [
        BookLeaf.of(bid.receipt.signed, bytes_of(bid.receipt.signature), domain) for bid in (winner, loser)
    ]
    assert agreement.book == hex_of(MerkleTree([leaf.digest() for leaf in leaves]).root)


def test_a_book_closed_for_an_award_that_never_was_mined_is_followed_by_one_of_all_bids(
    deal, operated, bids, bo
):
    first, _ = bids()
    assert deal.asks(deal.ada, f"bids/{first.pk}/award").status_code == 200
    second = deal.bid(bo)
    deal.award(second)
    books = Book.objects.filter(job=deal.job)
    assert [(book.number, book.count) for book in books] == [(1, 2), (2, 3)]
    assert Agreement.objects.get().book == books[1].root
