package ferrite.kernel.shell;

/** Goes through a file from its start, a buffer at a time. */
final class FilePieces {

    /** Takes bytes that lie in memory at {@code from}. */
    @FunctionalInterface
    interface Piece {

        /** Told before the first bytes how many there will be; negative when nobody knows. */
        default void expect(long bytes) { }

        void take(long from, int length);
    }

    private FilePieces() { }

    /** Returns 0, or 1 after saying what went wrong. Stops early when there is nobody left to print for. */
    static int forEach(CommandContext context, String path, Piece piece) {
        int descriptor = context.kernel().files().open(path);
        if (descriptor < 0) {
            return context.fail(path, descriptor);
        }
        int length;
        try {
            piece.expect(context.kernel().files().size(descriptor));
            length = context.read(descriptor);
            while (length > 0 && !context.outputFailed()) {
                piece.take(context.buffer(), length);
                length = context.read(descriptor);
            }
        } finally {
            context.kernel().files().close(descriptor);
        }
        return length < 0 ? context.fail(path, length) : 0;
    }
}
