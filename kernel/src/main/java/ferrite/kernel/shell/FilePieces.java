package ferrite.kernel.shell;

import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Fcntl;
import java.util.function.IntFunction;

/** Reads a file from its start, or standard input, a buffer at a time. */
final class FilePieces {

    /** Takes the pieces of a file. */
    @FunctionalInterface
    interface Piece {

        /** Receives the file's size before the first piece; negative if it is not known. */
        default void expect(long bytes) { }

        void take(long from, int length);

        /** Returns whether no more pieces are needed. */
        default boolean isDone() {
            return false;
        }
    }

    private FilePieces() { }

    /**
     * Reads all pieces of a file. Returns 0, or 1 after an error message. Stops early if standard output has failed.
     */
    static int forEach(CommandContext context, String path, Piece piece) {
        return forEach(context, path, piece, errno -> path + ": " + Errno.message(errno));
    }

    /**
     * As {@link #forEach(CommandContext, String, Piece)}.
     *
     * @param cannotOpen makes the message for a file that cannot be opened, from a negative errno
     */
    static int forEach(CommandContext context, String path, Piece piece, IntFunction<String> cannotOpen) {
        boolean isInput = path.equals(CommandContext.STANDARD_INPUT);
        int descriptor = isInput ? CommandContext.STDIN : context.kernel().files().open(path, Fcntl.O_RDONLY);
        if (descriptor < 0) {
            return context.fail(cannotOpen.apply(descriptor));
        }
        int length;
        try {
            piece.expect(context.kernel().files().size(descriptor));
            length = context.read(descriptor);
            while (length > 0 && !context.outputFailed()) {
                piece.take(context.buffer(), length);
                length = piece.isDone() ? 0 : context.read(descriptor);
            }
        } finally {
            if (!isInput) {
                context.kernel().files().close(descriptor);
            }
        }
        return length < 0 ? context.fail(path, length) : 0;
    }
}
