package ferrite.kernel.log;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.report.Printable;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The kernel log: a ring buffer of text in RAM. Each line begins with its level and time, in Linux's format. Any
 * context.
 */
public final class KernelLog {

    public static final int BYTES = 64 << 10;

    static final Struct STRUCT = Struct.of("kernel_log", BYTES);

    private static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    /** Bytes that were ever written. */
    private static final Word WRITTEN = STRUCT.u32("written", 4);
    /** The console gets the messages of smaller levels. */
    private static final Word CONSOLE_LOGLEVEL = STRUCT.u32("console_loglevel", 8);
    private static final Embedded RATELIMIT = STRUCT.embedded("printk_ratelimit_state", 16, RateLimitLayout.STRUCT);
    private static final Bytes RING = STRUCT.bytes("ring", RATELIMIT.end(), BYTES - 4 - RATELIMIT.end());
    /** Lines that were ever written. */
    private static final Word LINES = STRUCT.u32("seq", BYTES - 4);
    private static final int CAPACITY = RING.count();
    private static final int MAX_MESSAGE = 1024;
    /** The level of a message that names none, {@link KernLevels#KERN_WARNING} as in Linux. */
    private static final int DEFAULT_MESSAGE_LOGLEVEL = 4;
    /** All but {@link KernLevels#KERN_DEBUG} reach the console. */
    private static final int DEFAULT_CONSOLE_LOGLEVEL = 7;
    private static final Pattern LEVEL = Pattern.compile("^<[0-7]>", Pattern.MULTILINE | Pattern.UNIX_LINES);

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final SpinLock locks;
    private final RateLimit limits;
    private final long log;
    /** The console: receives lines, outside the machine. */
    private final Consumer<String> watcher;
    /** Wakes the tasks that wait for messages. */
    private Runnable wakeUp = () -> { };

    public KernelLog(KernelMemory memory, KernelCpu cpu, long log, Consumer<String> watcher) {
        this.memory = memory;
        this.cpu = cpu;
        this.locks = new SpinLock(memory, cpu);
        this.limits = new RateLimit(memory, cpu, this);
        this.log = log;
        this.watcher = watcher;
    }

    /** Makes the empty log, and prints its first message. Boot. */
    public void start(String message) {
        CONSOLE_LOGLEVEL.set(memory, log, DEFAULT_CONSOLE_LOGLEVEL);
        limits.initDefault(RATELIMIT.at(log));
        print(KernLevels.KERN_NOTICE + message);
    }

    /** {@code pr_info}: logs information. Any context. */
    public void info(String message) {
        print(KernLevels.KERN_INFO + message);
    }

    /**
     * {@code printk}: logs a message. It may begin with a level of {@link KernLevels}. Each of its lines gets one in
     * the log; a line end at its end adds none. Control characters become {@code \x1b} and the like, so that a message
     * can neither draw on a terminal nor look like another one. Any context.
     */
    public void print(String message) {
        boolean hasLevel = KernLevels.hasLevel(message);
        int level = hasLevel ? message.charAt(1) - '0' : DEFAULT_MESSAGE_LOGLEVEL;
        String text = hasLevel ? message.substring(2) : message;
        String cut = printable(text.length() > MAX_MESSAGE ? text.substring(0, MAX_MESSAGE) : text);
        String stamp = stamp(cpu.time());
        List<String> lines = new ArrayList<>();
        for (String line : (cut.endsWith("\n") ? cut.substring(0, cut.length() - 1) : cut).split("\n", -1)) {
            lines.add(stamp + line + "\n");
        }
        String prefix = "<" + level + ">";
        byte[] bytes = (prefix + String.join(prefix, lines)).getBytes(StandardCharsets.UTF_8);
        int flags = locks.lockIrqSave(LOCK.at(log));
        int written = WRITTEN.get(memory, log);
        int at = Integer.remainderUnsigned(written, CAPACITY);
        int first = Math.min(bytes.length, CAPACITY - at);
        memory.write(RING.at(log) + at, bytes, 0, first);
        memory.write(RING.at(log), bytes, first, bytes.length - first);
        WRITTEN.set(memory, log, written + bytes.length);
        LINES.add(memory, log, lines.size());
        boolean reachesConsole = level < CONSOLE_LOGLEVEL.get(memory, log);
        locks.unlockIrqRestore(LOCK.at(log), flags);
        if (reachesConsole) {
            lines.forEach(watcher);
        }
        wakeUp.run();
    }

    /** Escapes control characters but tabs and line ends, as Linux's dmesg does. */
    private static String printable(String text) {
        return Printable.of(text, c -> c == '\t' || c == '\n');
    }

    /** Sets what follows each message: a wake-up of its readers, in any context. While the kernel is put together. */
    public void afterEachMessage(Runnable action) {
        wakeUp = action;
    }

    /** Returns the number that the next line gets. Any context. */
    public int nextSeq() {
        return LINES.get(memory, log);
    }

    /** Sets which messages reach the console: those of smaller levels. Any context. */
    public void setConsoleLoglevel(int level) {
        CONSOLE_LOGLEVEL.set(memory, log, level);
    }

    /** {@code printk_ratelimit}: returns whether a message may be logged now. Any context. */
    public boolean ratelimit() {
        return limits.allows(RATELIMIT.at(log));
    }

    /** Limits of drivers. */
    public RateLimit limits() {
        return limits;
    }

    /** Formats {@code [    1.234567] }: seconds and microseconds since boot. */
    private static String stamp(long ticks) {
        long micros = ticks / Clock.TICKS_PER_MICROSECOND;
        String seconds = Long.toString(micros / 1_000_000);
        String fraction = Long.toString(1_000_000 + micros % 1_000_000).substring(1);
        return "[" + " ".repeat(Math.max(0, 5 - seconds.length())) + seconds + "." + fraction + "] ";
    }

    /** A line, with its number since the start, its level, and its text after the time. */
    public record Line(int seq, int level, String text) { }

    /** Returns the lines that the ring holds, oldest first. Any context. */
    public List<Line> lines() {
        int flags = locks.lockIrqSave(LOCK.at(log));
        String text = raw(memory);
        int next = LINES.get(memory, log);
        locks.unlockIrqRestore(LOCK.at(log), flags);
        List<String> texts = text.lines().toList();
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            boolean hasLevel = LEVEL.matcher(texts.get(i)).find();
            lines.add(new Line(next - texts.size() + i,
                    hasLevel ? texts.get(i).charAt(1) - '0' : DEFAULT_MESSAGE_LOGLEVEL, withoutLevels(texts.get(i))));
        }
        return lines;
    }

    /** Returns the log's text without levels, see {@link #raw}. */
    public String text(ReadableMemory view) {
        return withoutLevels(raw(view));
    }

    /** Removes the levels from lines of {@link #raw}. */
    public static String withoutLevels(String lines) {
        return LEVEL.matcher(lines).replaceAll("");
    }

    /**
     * Returns some of the lines of {@link #raw}.
     *
     * @param levels a bit for each level
     */
    public static String ofLevels(String lines, int levels) {
        StringBuilder chosen = new StringBuilder();
        for (String line : lines.split("(?<=\n)")) {
            boolean hasLevel = LEVEL.matcher(line).lookingAt();
            int level = hasLevel ? line.charAt(1) - '0' : DEFAULT_MESSAGE_LOGLEVEL;
            if ((levels >> level & 1) != 0) {
                chosen.append(line);
            }
        }
        return chosen.toString();
    }

    /**
     * Returns the log's text, oldest first. If the ring has wrapped, it begins with the first whole line. A line begins
     * with its level, for example {@code <6>}.
     */
    public String raw(ReadableMemory view) {
        int written = WRITTEN.get(view, log);
        int length = Integer.compareUnsigned(written, CAPACITY) < 0 ? written : CAPACITY;
        byte[] bytes = new byte[length];
        int start = Integer.remainderUnsigned(written - length, CAPACITY);
        int first = Math.min(length, CAPACITY - start);
        view.read(RING.at(log) + start, bytes, 0, first);
        view.read(RING.at(log), bytes, first, length - first);
        String text = new String(bytes, StandardCharsets.UTF_8);
        return length < CAPACITY ? text : text.substring(text.indexOf('\n') + 1);
    }
}
