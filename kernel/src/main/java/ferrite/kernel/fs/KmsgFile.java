package ferrite.kernel.fs;

import static ferrite.kernel.fs.FileLayout.PRIVATE_2;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.KernLevels;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.sched.LogWait;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.vm.UserMemory;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code /dev/kmsg}: the kernel log, a record at each read (Linux's Documentation/ABI/testing/dev-kmsg), and lines of
 * programs. The file's second private word is the number of the next record. A read at the end waits for a record.
 *
 * <p>Unlike Linux, a line of a program has no facility, and a record that does not fit a read is not skipped.
 */
final class KmsgFile implements FileOperations {

    /** A level before a message, with a facility, which the log does not keep. */
    private static final Pattern LEVEL = Pattern.compile("^<([0-9]{1,4})>");
    private static final int MAX_LINE = 1000;

    private final KernelMemory memory;
    private final UserMemory user;
    private final KernelLog log;
    private final LogWait waiting;
    private final Sleep sleep;
    private final Polling polling;

    KmsgFile(KernelBase base, TaskSystem tasks, UserMemory user, Polling polling) {
        this.memory = base.memory();
        this.user = user;
        this.log = base.log();
        this.waiting = tasks.logWait();
        this.sleep = tasks.sleep();
        this.polling = polling;
    }

    @Override
    public int open(long file) {
        toStart(file);
        return 0;
    }

    private void toStart(long file) {
        PRIVATE_2.set(memory, file, firstSeq(log.lines()));
    }

    private int firstSeq(List<KernelLog.Line> lines) {
        return lines.isEmpty() ? log.nextSeq() : lines.get(0).seq();
    }

    /** Moves to the first record, or past the last one. The log is never cleared, so all of it is data. */
    @Override
    public long llseek(long file, long offset, int whence) {
        if (offset != 0) {
            return -Errno.ESPIPE;
        }
        switch (whence) {
            case Fcntl.SEEK_SET, Fcntl.SEEK_DATA -> toStart(file);
            case Fcntl.SEEK_END -> PRIVATE_2.set(memory, file, log.nextSeq());
            default -> {
                return -Errno.EINVAL;
            }
        }
        return 0;
    }

    private boolean hasRecord(long file) {
        return PRIVATE_2.get(memory, file) != log.nextSeq();
    }

    @Override
    public int read(long file, long to, int count, long position) {
        if (!hasRecord(file)) {
            int waited = (FileLayout.FLAGS.get(memory, file) & Fcntl.O_NONBLOCK) != 0 ? -Errno.EAGAIN
                    : (int) Math.min(0, sleep.atRestartPoint(waiting.queue(), () -> hasRecord(file),
                    Sleep.FOREVER, false));
            if (waited < 0) {
                return waited;
            }
        }
        int wanted = PRIVATE_2.get(memory, file);
        List<KernelLog.Line> lines = log.lines();
        int lost = firstSeq(lines) - wanted;
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

    /** Tells of a record. If records were overwritten, the next read fails, which is an error here too. */
    @Override
    public int poll(long file, long table) {
        polling.pollWait(waiting.queue(), table);
        if (!hasRecord(file)) {
            return 0;
        }
        boolean lost = firstSeq(log.lines()) - PRIVATE_2.get(memory, file) > 0;
        return PollEvents.EPOLLIN | PollEvents.EPOLLRDNORM | (lost ? PollEvents.EPOLLERR | PollEvents.EPOLLPRI : 0);
    }

    /** Converts {@code [    1.234567] text} to {@code level,seq,microseconds,-;text}. */
    private static String record(KernelLog.Line line) {
        String text = line.text();
        int end = text.startsWith("[") ? text.indexOf("] ") : -1;
        // the second line of a message has no time
        String micros = end < 0 ? "0" : text.substring(1, end).replace(".", "").strip().replaceFirst("^0+(?=.)", "");
        return line.level() + "," + Integer.toUnsignedString(line.seq()) + "," + micros + ",-;"
                + escaped(text.substring(end < 0 ? 0 : end + 2)) + "\n";
    }

    /** Writes the bytes that are not printable, and backslashes, as {@code \x5c}. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            if (each < ' ' || each >= 127 || each == '\\') {
                escaped.append("\\x").append(HexFormat.of().toHexDigits(each));
            } else {
                escaped.append((char) each);
            }
        }
        return escaped.toString();
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
