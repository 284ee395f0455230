package ferrite.board.matrix;

/** The axis of block sizes. Orders end at 10 (LDD3 page 222), so that 11 is too large. */
enum Order {

    ONE_PAGE(0), EIGHT_PAGES(3), THIRTY_TWO_PAGES(5), TOO_LARGE(11);

    private final int order;

    Order(int order) {
        this.order = order;
    }

    int order() {
        return order;
    }

    int bytes() {
        return 4096 << order;
    }

    @Override
    public String toString() {
        return Integer.toString(order);
    }
}
