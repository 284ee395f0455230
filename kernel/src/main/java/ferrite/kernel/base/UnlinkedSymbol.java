package ferrite.kernel.base;

/** A symbol of a driver that cannot be exported, imported or given memory. The driver is not loaded. */
public final class UnlinkedSymbol extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** @param message the reason, as the end of a sentence */
    public UnlinkedSymbol(String message) {
        super(message);
    }
}
