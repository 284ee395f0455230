package ferrite.kernel.shell;

import ferrite.hardware.report.Hex;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * {@code sha256sum}: coreutils' output. With {@code -j N}, N tasks share the reading of the file; task i is pinned to
 * hart i.
 */
final class Sha256sumCommand implements Command {

    private final Readers readers;

    Sha256sumCommand(Readers readers) {
        this.readers = readers;
    }

    @Override
    public String name() {
        return "sha256sum";
    }

    @Override
    public String usage() {
        return "sha256sum [-j TASKS] [PATH...]";
    }

    @Override
    public String options() {
        return "j:";
    }

    @Override
    public String summary() {
        return "print SHA-256 of files; -j reads with several tasks, each pinned to a hart";
    }

    @Override
    public String example() {
        return "sha256sum -j 4 /dev/disk0";
    }

    @Override
    public int run(CommandContext context) {
        Letters letters = context.letters(this);
        List<String> words = letters.operands();
        int tasks = 0;
        if (letters.has('j')) {
            String number = letters.value('j');
            if (!number.matches("[1-9]") || Integer.parseInt(number) > Readers.MAX_READERS) {
                return context.fail("-j takes a number of tasks from 1 to " + Readers.MAX_READERS) + 1;
            }
            tasks = Integer.parseInt(number);
        }
        words = tasks == 0 ? context.inputs(words) : words;
        if (words.isEmpty()) {
            return context.fail("missing file operand; usage: " + usage()) + 1;
        }
        int status = 0;
        for (String path : words) {
            status |= sum(context, path, tasks);
        }
        return status;
    }

    private int sum(CommandContext context, String path, int tasks) {
        Sum sum = new Sum(context);
        int status = tasks == 0 ? FilePieces.forEach(context, path, sum) : readers.forEach(context, path, tasks, sum);
        if (status == 0) {
            context.out(Hex.bytes(sum.sha256.digest()) + "  " + path + "\n");
        }
        return status;
    }

    /** The sum of one file's pieces so far. */
    private static final class Sum implements FilePieces.Piece {

        private final CommandContext context;
        private final MessageDigest sha256 = sha256();
        private long total;
        private long done;

        Sum(CommandContext context) {
            this.context = context;
        }

        @Override
        public void expect(long bytes) {
            total = bytes;
        }

        @Override
        public void take(long from, int length) {
            sha256.update(context.load(from, length));
            done += length;
            context.progress(done, total);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
