package ferrite.kernel.shell;

import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Files;
import java.util.List;

/**
 * {@code cp}: copies a file to another, with coreutils' error messages. It makes files of the host alone ({@link
 * HostFile}); any other must exist.
 */
final class CpCommand implements Command {

    @Override
    public String name() {
        return "cp";
    }

    @Override
    public String usage() {
        return "cp PATH|host:FILE PATH|host:FILE";
    }

    @Override
    public String options() {
        return "";
    }

    @Override
    public String summary() {
        return "copy a file to another";
    }

    @Override
    public String example() {
        return "cp /dev/zero /dev/scull0";
    }

    @Override
    public int run(CommandContext context) {
        List<String> paths = context.letters(this).operands();
        if (paths.size() != 2) {
            return context.fail(paths.isEmpty() ? "missing file operand"
                    : paths.size() == 1 ? "missing destination file operand after '" + paths.get(0) + "'"
                    : "extra operand '" + paths.get(2) + "'");
        }
        String source = paths.get(0);
        String target = paths.get(1);
        if (source.equals(target)) {
            return context.fail("'" + source + "' and '" + target + "' are the same file");
        }
        Files files = context.kernel().files();
        int from = HostFile.open(context, source, Fcntl.O_RDONLY);
        if (from < 0) {
            return context.fail("cannot open '" + source + "' for reading: " + HostFile.message(source, from));
        }
        try {
            int to = HostFile.open(context, target, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_TRUNC);
            return to < 0 ? context.fail("cannot open '" + target + "' for writing: " + HostFile.message(target, to))
                    : copyAndClose(context, paths, from, to);
        } finally {
            files.close(from);
        }
    }

    /**
     * Copies, then closes the target. An error of the close is an error of the copy, because drivers may write late.
     */
    private static int copyAndClose(CommandContext context, List<String> paths, int from, int to) {
        int status = 1;
        int closed;
        try {
            status = copy(context, paths, from, to);
        } finally {
            closed = context.kernel().files().close(to);
        }
        return closed < 0 && status == 0
                ? context.fail("failed to close '" + paths.get(1) + "': " + Errno.message(closed)) : status;
    }

    private static int copy(CommandContext context, List<String> paths, int from, int to) {
        long total = context.kernel().files().size(from);
        long done = 0;
        int length = context.read(from);
        while (length > 0) {
            int error = writeAll(context, to, length);
            if (error < 0) {
                return context.fail("error writing '" + paths.get(1) + "': " + Errno.message(error));
            }
            done += length;
            context.progress(done, total);
            length = context.read(from);
        }
        return length < 0 ? context.fail("error reading '" + paths.get(0) + "': " + Errno.message(length)) : 0;
    }

    /** Returns 0 or a negative errno. A signal ends the command. */
    private static int writeAll(CommandContext context, int to, int length) {
        int done = 0;
        while (done < length) {
            int put = context.kernel().files().write(to, context.buffer() + done, length - done);
            context.userBoundary();
            if (put < 0) {
                return put;
            }
            done += put;
        }
        return 0;
    }
}
