package ferrite.kernel.shadow;

/** Tells who has looked a page up that something about pages has changed. */
final class PageChanges {

    private Runnable listener = () -> { };

    void listen(Runnable newListener) {
        listener = newListener;
    }

    void add() {
        listener.run();
    }
}
