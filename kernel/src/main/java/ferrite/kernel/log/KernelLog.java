package ferrite.kernel.log;

import ferrite.hardware.clock.Clock;
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

/**
 * The kernel log: a ring buffer of text in RAM. Each line begins with its time, in Linux's format. Any context.
 */
public final class KernelLog {

    public static final int BYTES = 64 << 10;

    static final Struct STRUCT = Struct.of("kernel_log", BYTES);

    private static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    /** Bytes that were ever written. */
    private static final Word WRITTEN = STRUCT.u32("written", 4);
    private static final Bytes RING = STRUCT.bytes("ring", 8, BYTES - 12);
    /** Lines that were ever written. */
    private static final Word LINES = STRUCT.u32("seq", BYTES - 4);
    private static final int CAPACITY = RING.count();
    private static final int MAX_LINE = 1024;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final SpinLock locks;
    private final long log;
    /** Receives each line, outside the machine. */
    private final Consumer<String> watcher;

    public KernelLog(KernelMemory memory, KernelCpu cpu, long log, Consumer<String> watcher) {
        this.memory = memory;
        this.cpu = cpu;
        this.locks = new SpinLock(memory, cpu);
        this.log = log;
        this.watcher = watcher;
    }

    /** {@code printk}: logs a line. The message has no line end. Any context. */
    public void print(String message) {
        String cut = message.length() > MAX_LINE ? message.substring(0, MAX_LINE) : message;
        String line = stamp(cpu.time()) + cut + "\n";
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        int flags = locks.lockIrqSave(LOCK.at(log));
        int written = WRITTEN.get(memory, log);
        int at = Integer.remainderUnsigned(written, CAPACITY);
        int first = Math.min(bytes.length, CAPACITY - at);
        memory.write(RING.at(log) + at, bytes, 0, first);
        memory.write(RING.at(log), bytes, first, bytes.length - first);
        WRITTEN.set(memory, log, written + bytes.length);
        LINES.add(memory, log, (int) line.lines().count());
        locks.unlockIrqRestore(LOCK.at(log), flags);
        watcher.accept(line);
    }

    /** Formats {@code [    1.234567] }: seconds and microseconds since boot. */
    private static String stamp(long ticks) {
        long micros = ticks / Clock.TICKS_PER_MICROSECOND;
        String seconds = Long.toString(micros / 1_000_000);
        String fraction = Long.toString(1_000_000 + micros % 1_000_000).substring(1);
        return "[" + " ".repeat(Math.max(0, 5 - seconds.length())) + seconds + "." + fraction + "] ";
    }

    /** A line, with its number since the start. */
    public record Line(int seq, String text) { }

    /** Returns the lines that the ring holds, oldest first. Any context. */
    public List<Line> lines() {
        int flags = locks.lockIrqSave(LOCK.at(log));
        String text = text(memory);
        int next = LINES.get(memory, log);
        locks.unlockIrqRestore(LOCK.at(log), flags);
        List<String> texts = text.lines().toList();
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            lines.add(new Line(next - texts.size() + i, texts.get(i)));
        }
        return lines;
    }

    /** Returns the log's text, oldest first. If the ring has wrapped, it begins with the first whole line. */
    public String text(ReadableMemory view) {
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
