package ferrite.book.jit;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A file that waits in each read, and then gives a line with the jiffies before and after (LDD3 pages 190-194). It has
 * no end, so {@code dd bs=20 count=5} reads five lines.
 */
final class JitDelay implements FileOperations {

    /** A way to wait. */
    @FunctionalInterface
    private interface Wait {

        /** Waits until jiffy {@code until}, so many jiffies from now. */
        void forJiffies(long jit, int until, int delay);
    }

    private static final int LINE = 20;
    private static final int WIDTH = 9;

    private final KernelCalls kernel;
    private final KernelMemory memory;
    private final String name;
    private final Wait wait;

    private JitDelay(KernelCalls kernel, String name, Wait wait) {
        this.kernel = kernel;
        this.memory = kernel.memory();
        this.name = name;
        this.wait = wait;
    }

    /** Makes the files, from the worst way to the best. */
    static List<JitDelay> all(KernelCalls kernel) {
        return List.of(
                new JitDelay(kernel, "jitbusy", (jit, until, delay) -> {
                    while (kernel.timeBefore(kernel.jiffies(), until)) {
                        kernel.cpuRelax();                 // keeps the hart from all other tasks
                    }
                }),
                new JitDelay(kernel, "jitsched", (jit, until, delay) -> {
                    while (kernel.timeBefore(kernel.jiffies(), until)) {
                        kernel.schedule();                 // lets others run, and yet the hart never rests
                    }
                }),
                new JitDelay(kernel, "jitqueue", (jit, until, delay) ->
                        kernel.waitEventInterruptibleTimeout(JitLayout.QUEUE.at(jit), () -> false, delay)),
                new JitDelay(kernel, "jitschedto", (jit, until, delay) -> {
                    kernel.setCurrentState(KernelCalls.TASK_INTERRUPTIBLE);
                    kernel.scheduleTimeout(delay);
                }));
    }

    /** The file's name in {@code /proc}. */
    String name() {
        return name;
    }

    @Override
    public int read(long file, long to, int count, long position) {
        if (count < LINE) {
            return -Errno.EINVAL;
        }
        long jit = FileLayout.DATA.get(memory, file);
        int delay = JitLayout.DELAY.get(memory, jit);
        int before = kernel.jiffies();
        wait.forJiffies(jit, before + delay, delay);
        if (kernel.signalPending()) {
            return -Errno.ERESTARTSYS;
        }
        byte[] line = (column(before) + " " + column(kernel.jiffies()) + "\n").getBytes(StandardCharsets.US_ASCII);
        return kernel.onStack(LINE, local -> {
            memory.write(local, line, 0, LINE);
            return kernel.copyToUser(to, local, LINE) != 0 ? -Errno.EFAULT : LINE;
        });
    }

    /** A jiffy in nine columns: the last digits of one that needs more. */
    private static String column(int jiffies) {
        String number = Integer.toUnsignedString(jiffies);
        return " ".repeat(Math.max(0, WIDTH - number.length()))
                + number.substring(Math.max(0, number.length() - WIDTH));
    }
}
