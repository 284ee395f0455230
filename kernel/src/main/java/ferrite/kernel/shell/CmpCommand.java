package ferrite.kernel.shell;

import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Fcntl;
import java.util.List;

/** {@code cmp}: diffutils' messages and statuses: 0 for equal files, 1 for different ones, 2 for an error. */
final class CmpCommand implements Command {

    private static final int ERROR = 2;

    @Override
    public String name() {
        return "cmp";
    }

    @Override
    public String usage() {
        return "cmp [-s] PATH PATH";
    }

    @Override
    public String options() {
        return "s";
    }

    @Override
    public String hint() {
        return "cmp: " + Command.super.hint();
    }

    @Override
    public int statusOfWrongOption() {
        return ERROR;
    }

    @Override
    public String summary() {
        return "compare two files, and print the first difference";
    }

    @Override
    public String example() {
        return "cmp /dev/disk0 /dev/disk1 && echo equal";
    }

    @Override
    public int run(CommandContext context) {
        Letters letters = context.letters(this);
        List<String> paths = letters.operands();
        if (paths.size() != 2) {
            context.fail(paths.size() < 2 ? "missing operand after '" + (paths.isEmpty() ? name() : paths.get(0)) + "'"
                    : "extra operand '" + paths.get(2) + "'");
            return ERROR;
        }
        int[] descriptors = {-1, -1};
        try {
            for (int i = 0; i < 2; i++) {
                descriptors[i] = paths.get(i).equals(CommandContext.STANDARD_INPUT) ? CommandContext.STDIN
                        : context.kernel().files().open(paths.get(i), Fcntl.O_RDONLY);
                if (descriptors[i] < 0) {
                    context.fail(paths.get(i), descriptors[i]);
                    return ERROR;
                }
            }
            return new Comparison(context, paths, descriptors, letters.has('s')).run();
        } finally {
            for (int descriptor : descriptors) {
                if (descriptor > CommandContext.STDERR) {
                    context.kernel().files().close(descriptor);
                }
            }
        }
    }

    /** Two files, of which equally long pieces are compared. */
    private static final class Comparison {

        private final CommandContext context;
        private final List<String> paths;
        private final int[] descriptors;
        private final boolean isSilent;
        private long bytes;
        private long lines = 1;
        private boolean lineBegins = true;

        Comparison(CommandContext context, List<String> paths, int[] descriptors, boolean isSilent) {
            this.context = context;
            this.paths = paths;
            this.descriptors = descriptors;
            this.isSilent = isSilent;
        }

        int run() {
            for (;;) {
                byte[] first = read(0);
                byte[] second = first == null ? null : read(1);
                if (second == null) {
                    return ERROR;
                }
                int common = Math.min(first.length, second.length);
                for (int i = 0; i < common; i++) {
                    if (first[i] != second[i]) {
                        return tell(paths.get(0) + " " + paths.get(1) + " differ: byte " + (bytes + 1) + ", line "
                                + lines + "\n");
                    }
                    bytes++;
                    lines += first[i] == '\n' ? 1 : 0;
                    lineBegins = first[i] == '\n';
                }
                if (first.length != second.length) {
                    return shorter(paths.get(first.length < second.length ? 0 : 1));
                }
                if (common == 0) {
                    return 0;
                }
            }
        }

        private int tell(String difference) {
            if (!isSilent) {
                context.out(difference);
            }
            return 1;
        }

        private int shorter(String path) {
            if (!isSilent) {
                context.fail("EOF on " + path + (bytes == 0 ? " which is empty" : " after byte " + bytes
                        + (lineBegins ? ", line " + (lines - 1) : ", in line " + lines)));
            }
            return 1;
        }

        /** Reads until the buffer is full or the file ends. Returns null after an error message. */
        private byte[] read(int file) {
            int length = 0;
            int got = 1;
            while (got > 0 && length < CommandContext.BUFFER_BYTES) {
                got = context.kernel().files().read(descriptors[file], context.buffer() + length,
                        CommandContext.BUFFER_BYTES - length);
                context.userBoundary();
                length += Math.max(0, got);
            }
            if (got < 0) {
                context.fail(paths.get(file) + ": " + Errno.message(got));
                return null;
            }
            return context.load(context.buffer(), length);
        }
    }
}
