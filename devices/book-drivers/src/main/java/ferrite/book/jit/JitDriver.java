package ferrite.book.jit;

import ferrite.book.base.Numbers;
import ferrite.book.base.StaticPointer;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.DriverParameters;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.Parameter;
import ferrite.kernel.fs.SeqFileLayout;
import ferrite.kernel.fs.SeqShow;
import ferrite.kernel.sched.Timespec64Layout;
import java.util.List;

/**
 * {@code jit}, Just In Time: files of {@code /proc} that tell the time and wait for it.
 *
 * <ul>
 * <li>{@code currentime}: the time in each form that the kernel has (LDD3 page 189);
 * <li>{@code jitbusy jitsched jitqueue jitschedto}: a line for each read, before and after a delay (pages 190-194), see
 *     {@link JitDelay};
 * <li>{@code jitimer jitasklet jitasklethi}: the contexts of a timer and of tasklets (pages 196-204).
 * </ul>
 *
 * <p>The book's delay is a second. Here it is 10 jiffies, because a hart that is busy for a second executes a hundred
 * million instructions.
 */
public final class JitDriver implements Driver {

    private static final String DELAY = "delay";
    private static final String TDELAY = "tdelay";
    private static final int DEFAULT_DELAY = 10;
    private static final int MAX_DELAY = 100_000;
    private static final int NANOS_PER_MICRO = 1000;

    private KernelCalls kernel;
    private KernelMemory memory;
    private StaticPointer jit;
    private DeferredLines lines;
    private List<JitDelay> delays;
    private List<Long> delayOperations;
    private long currentTime;
    private long timer;
    private long tasklet;

    @Override
    public String name() {
        return "jit";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Numbers.parameter(DELAY, DEFAULT_DELAY, "jiffies that a read of jitbusy takes", 1, MAX_DELAY),
                Numbers.parameter(TDELAY, DEFAULT_DELAY, "jiffies between two lines of jitimer", 1, MAX_DELAY));
    }

    @Override
    public List<Struct> structs() {
        return List.of(JitLayout.STRUCT, DeferredLinesLayout.STRUCT);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        jit = new StaticPointer(theKernel, text, "jit");
        lines = new DeferredLines(theKernel, text, name());
        delays = JitDelay.all(theKernel);
        delayOperations = delays.stream().map(delay -> text.add(delay.name() + "_fops", delay)).toList();
        currentTime = text.add("jit_currentime", (SeqShow) this::showCurrentTime);
        timer = text.add("jit_timer_show", (SeqShow) this::showTimer);
        tasklet = text.add("jit_tasklet_show", (SeqShow) this::showTasklet);
    }

    @Override
    public int init(DriverParameters parameters) {
        long record = kernel.kzalloc(JitLayout.SIZE, Gfp.GFP_KERNEL);
        if (record == 0) {
            return -Errno.ENOMEM;
        }
        jit.set(record);
        JitLayout.DELAY.set(memory, record, Numbers.of(parameters, DELAY));
        JitLayout.TDELAY.set(memory, record, Numbers.of(parameters, TDELAY));
        kernel.initWaitqueueHead(JitLayout.QUEUE.at(record));
        boolean made = kernel.procCreateSingleData("currentime", 0, currentTime, 0) != 0
                && kernel.procCreateSingleData("jitimer", 0, timer, 0) != 0
                && kernel.procCreateSingleData("jitasklet", 0, tasklet, 0) != 0
                && kernel.procCreateSingleData("jitasklethi", 0, tasklet, 1) != 0;
        for (int i = 0; i < delays.size() && made; i++) {
            made = kernel.procCreateData(delays.get(i).name(), 0, delayOperations.get(i), record) != 0;
        }
        if (!made) {
            exit();
            return -Errno.ENOMEM;
        }
        return 0;
    }

    @Override
    public void exit() {
        for (String file : List.of("currentime", "jitimer", "jitasklet", "jitasklethi")) {
            kernel.removeProcEntry(file);
        }
        delays.forEach(delay -> kernel.removeProcEntry(delay.name()));
        kernel.kfree(jit.get());
    }

    /** Tells jiffies in 32 and 64 bits, the time of the day, and that time at the last jiffy. */
    private int showCurrentTime(long seq) {
        return kernel.onStack(Timespec64Layout.SIZE, time -> {
            String now = "0x" + padded(Integer.toHexString(kernel.jiffies()), 8, '0')
                    + " 0x" + padded(Long.toHexString(kernel.getJiffies64()), 16, '0');
            kernel.ktimeGetRealTs64(time);
            int micros = Timespec64Layout.TV_NSEC.get(memory, time) / NANOS_PER_MICRO;
            now += " " + padded(Long.toString(Timespec64Layout.TV_SEC.get(memory, time)), 10, ' ') + "."
                    + padded(Integer.toString(micros), 6, '0') + "\n";
            kernel.ktimeGetCoarseRealTs64(time);
            now += padded(Long.toString(Timespec64Layout.TV_SEC.get(memory, time)), 40, ' ') + "."
                    + padded(Integer.toString(Timespec64Layout.TV_NSEC.get(memory, time)), 9, '0') + "\n";
            kernel.seqPuts(seq, now);
            return 0;
        });
    }

    private static String padded(String text, int width, char padding) {
        return String.valueOf(padding).repeat(Math.max(0, width - text.length())) + text;
    }

    private int showTimer(long seq) {
        return lines.show(seq, DeferredLines.BY_TIMER, JitLayout.TDELAY.get(memory, jit.get()));
    }

    private int showTasklet(long seq) {
        boolean high = SeqFileLayout.PRIVATE.get(memory, seq) != 0;
        return lines.show(seq, high ? DeferredLines.BY_HIGH_TASKLET : DeferredLines.BY_TASKLET, 0);
    }
}
