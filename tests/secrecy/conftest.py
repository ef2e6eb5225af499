from tests.factories.deal import deal

__all__ = ["deal"]
