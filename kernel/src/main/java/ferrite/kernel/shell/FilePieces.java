package ferrite.kernel.shell;

import ferrite.kernel.fs.Fcntl;

/** Reads a file from its start, a buffer at a time. */
final class FilePieces {

    /** Takes the pieces of a file. */
    @FunctionalInterface
    interface Piece {

        /** Receives the file's size before the first piece; negative if it is not known. */
        default void expect(long bytes) { }

        void take(long from, int length);
    }

    private FilePieces() { }

    /**
     * Reads all pieces of a file. Returns 0, or 1 after an error message. Stops early if standard output has failed.
     */
    static int forEach(CommandContext context, String path, Piece piece) {
        int descriptor = context.kernel().files().open(path, Fcntl.O_RDONLY);
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
