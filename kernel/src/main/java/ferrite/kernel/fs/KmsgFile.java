package ferrite.kernel.fs;

import static ferrite.kernel.fs.FileLayout.PRIVATE_2;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.log.KernLevels;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.vm.UserMemory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code /dev/kmsg}: the kernel log, a record at each read (Linux's Documentation/ABI/testing/dev-kmsg), and lines of
 * programs. The file's second private word is the number of the next record.
 *
 * <p>Unlike Linux's, a read at the end returns 0 and does not wait: the log wakes no queue, since it is written to
 * inside the scheduler too.
 */
final class KmsgFile implements FileOperations {

    /** A level before a message, with a facility, which the log does not keep. */
    private static final Pattern LEVEL = Pattern.compile("^<([0-9]{1,4})>");
    private static final int MAX_LINE = 1000;

    private final KernelMemory memory;
    private final UserMemory user;
    private final KernelLog log;

    KmsgFile(KernelMemory memory, UserMemory user, KernelLog log) {
        this.memory = memory;
        this.user = user;
        this.log = log;
    }

    @Override
    public int open(long file) {
        toStart(file);
        return 0;
    }

    private void toStart(long file) {
        List<KernelLog.Line> lines = log.lines();
        PRIVATE_2.set(memory, file, lines.isEmpty() ? 0 : lines.get(0).seq());
    }

    @Override
    public long llseek(long file, long offset, int whence) {
        if (offset != 0) {
            return -Errno.ESPIPE;
        }
        switch (whence) {
            case Fcntl.SEEK_SET -> toStart(file);
            case Fcntl.SEEK_END -> {
                List<KernelLog.Line> lines = log.lines();
                PRIVATE_2.set(memory, file, lines.isEmpty() ? 0 : lines.get(lines.size() - 1).seq() + 1);
            }
            default -> {
                return -Errno.EINVAL;
            }
        }
        return 0;
    }

    @Override
    public int read(long file, long to, int count, long position) {
        int wanted = PRIVATE_2.get(memory, file);
        List<KernelLog.Line> lines = log.lines();
        if (lines.isEmpty() || wanted - lines.get(lines.size() - 1).seq() > 0) {
            return (FileLayout.FLAGS.get(memory, file) & Fcntl.O_NONBLOCK) == 0 ? 0 : -Errno.EAGAIN;
        }
        int lost = lines.get(0).seq() - wanted;
        if (lost > 0) {
            PRIVATE_2.set(memory, file, wanted + lost);
            return -Errno.EPIPE;
        }
        byte[] record = record(lines.get(-lost)).getBytes(StandardCharsets.UTF_8);
        if (record.length > count) {
            return -Errno.EINVAL;
        }
        if (user.write(to, record, 0, record.length) != 0) {
            return -Errno.EFAULT;
        }
        PRIVATE_2.set(memory, file, wanted + 1);
        return record.length;
    }

    /** Converts {@code [    1.234567] text} to {@code level,seq,microseconds,-;text}. */
    private static String record(KernelLog.Line line) {
        String text = line.text();
        int end = text.startsWith("[") ? text.indexOf("] ") : -1;
        // the second line of a message has no time
        String micros = end < 0 ? "0" : text.substring(1, end).replace(".", "").strip().replaceFirst("^0+(?=.)", "");
        return line.level() + "," + Integer.toUnsignedString(line.seq()) + "," + micros + ",-;"
                + text.substring(end < 0 ? 0 : end + 2) + "\n";
    }

    @Override
    public int write(long file, long from, int count, long position) {
        if (count > MAX_LINE) {
            return -Errno.EINVAL;
        }
        byte[] bytes = new byte[count];
        if (user.read(from, bytes, 0, count) != 0) {
            return -Errno.EFAULT;
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        Matcher level = LEVEL.matcher(text);
        String prefix = level.find() ? KernLevels.of(Integer.parseInt(level.group(1)) & 7) : "";
        log.print(prefix + level.replaceFirst("").stripTrailing().replace('\n', ' '));
        return count;
    }
}
