package ferrite.book.jit;

import static ferrite.book.jit.DeferredLinesLayout.BUF;
import static ferrite.book.jit.DeferredLinesLayout.DELAY;
import static ferrite.book.jit.DeferredLinesLayout.DELAYED;
import static ferrite.book.jit.DeferredLinesLayout.HOW;
import static ferrite.book.jit.DeferredLinesLayout.LEN;
import static ferrite.book.jit.DeferredLinesLayout.LOOPS;
import static ferrite.book.jit.DeferredLinesLayout.PREVIOUS;
import static ferrite.book.jit.DeferredLinesLayout.TASKLET;
import static ferrite.book.jit.DeferredLinesLayout.TIMER;
import static ferrite.book.jit.DeferredLinesLayout.WAIT;
import static ferrite.book.jit.DeferredLinesLayout.WORK;

import ferrite.book.base.Processes;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.sched.TimerFunction;
import ferrite.kernel.work.WorkFunction;
import java.nio.charset.StandardCharsets;

/**
 * Text that a timer, a tasklet or a work item writes, a line each time it runs (LDD3 pages 199-209). A line tells
 * the jiffy, the jiffies since the line before, whether an interrupt or softirq is served, and the process and the hart
 * that it runs on. The reader waits until all lines are there.
 *
 * <p>Unlike the book's, a reader that a signal wakes stops the lines before it frees their buffer.
 */
final class DeferredLines {

    static final int BY_TIMER = 0;
    static final int BY_TASKLET = 1;
    static final int BY_HIGH_TASKLET = 2;
    static final int BY_WORK = 3;
    static final int BY_DELAYED_WORK = 4;

    /** The book's ASYNC_LOOPS. */
    private static final int LINES = 5;
    /** Room for a heading and the lines. */
    private static final int BUFFER_BYTES = 512;
    private static final int JIFFIES_WIDTH = 10;
    private static final int DELTA_WIDTH = 5;
    private static final int PID_WIDTH = 6;

    private final KernelCalls kernel;
    private final KernelMemory memory;
    private final long timer;
    private final long tasklet;
    private final long work;
    private final long delayed;

    /** @param driver begins the names of the callbacks */
    DeferredLines(KernelCalls kernel, TextTable.Module text, String driver) {
        this.kernel = kernel;
        this.memory = kernel.memory();
        this.timer = text.add(driver + "_timer_fn", (TimerFunction) this::goOn);
        this.tasklet = text.add(driver + "_tasklet_fn", (TimerFunction) this::goOn);
        this.work = text.add(driver + "_work_fn", (WorkFunction) item -> goOn(WORK.containerOf(item)));
        this.delayed = text.add(driver + "_delayed_fn", (WorkFunction) item -> goOn(DELAYED.containerOf(item)));
    }

    /**
     * Makes the text, and waits for its last line. Task context; may sleep.
     *
     * @param how   {@link #BY_TIMER} and its kin
     * @param delay jiffies between two lines, for timers and delayed work
     * @return 0, or a negative errno
     */
    int show(long seq, int how, int delay) {
        long data = kernel.kzalloc(DeferredLinesLayout.SIZE, Gfp.GFP_KERNEL);
        long buffer = data == 0 ? 0 : kernel.kzalloc(BUFFER_BYTES, Gfp.GFP_KERNEL);
        if (buffer == 0) {
            kernel.kfree(data);
            return -Errno.ENOMEM;
        }
        BUF.set(memory, data, buffer);
        HOW.set(memory, data, how);
        DELAY.set(memory, data, delay);
        prepare(data);
        add(data, "      time  delta inirq     pid cpu   command\n");
        addLine(data);
        LOOPS.set(memory, data, LINES);
        next(data);
        int result = kernel.waitEventInterruptible(WAIT.at(data), () -> LOOPS.get(memory, data) == 0);
        stop(data);
        if (result == 0) {
            kernel.seqWrite(seq, buffer, LEN.get(memory, data));
        }
        kernel.kfree(buffer);
        kernel.kfree(data);
        return result;
    }

    private void prepare(long data) {
        PREVIOUS.set(memory, data, kernel.jiffies());
        kernel.initWaitqueueHead(WAIT.at(data));
        kernel.setupTimer(TIMER.at(data), timer, data);
        kernel.taskletInit(TASKLET.at(data), tasklet, data);
        kernel.initWork(WORK.at(data), work);
        kernel.initDelayedWork(DELAYED.at(data), delayed);
    }

    /** Lets the next line come. */
    private void next(long data) {
        switch (HOW.get(memory, data)) {
            case BY_TIMER -> kernel.modTimer(TIMER.at(data), kernel.jiffies() + DELAY.get(memory, data));
            case BY_TASKLET -> kernel.taskletSchedule(TASKLET.at(data));
            case BY_HIGH_TASKLET -> kernel.taskletHiSchedule(TASKLET.at(data));
            case BY_WORK -> kernel.scheduleWork(WORK.at(data));
            default -> kernel.scheduleDelayedWork(DELAYED.at(data), DELAY.get(memory, data));
        }
    }

    /** The function of the timer, the tasklet and the work items. */
    private void goOn(long data) {
        if (LOOPS.get(memory, data) <= 0) {
            return;                                       // the reader has given up
        }
        addLine(data);
        if (kernel.atomicDecAndTest(LOOPS.at(data))) {
            kernel.wakeUpInterruptible(WAIT.at(data));
        } else {
            next(data);
        }
    }

    /** Waits until no function runs or will run. */
    private void stop(long data) {
        kernel.atomicSet(LOOPS.at(data), 0);
        switch (HOW.get(memory, data)) {
            case BY_TIMER -> kernel.delTimerSync(TIMER.at(data));
            case BY_TASKLET, BY_HIGH_TASKLET -> kernel.taskletKill(TASKLET.at(data));
            case BY_WORK -> kernel.cancelWorkSync(WORK.at(data));
            default -> kernel.cancelDelayedWorkSync(DELAYED.at(data));
        }
    }

    private void addLine(long data) {
        int now = kernel.jiffies();
        int hart = kernel.getCpu();
        kernel.putCpu();
        String delta = Integer.toString(now - PREVIOUS.get(memory, data));
        PREVIOUS.set(memory, data, now);
        add(data, right(Integer.toUnsignedString(now), JIFFIES_WIDTH) + right(delta, DELTA_WIDTH + 2)
                + "     " + (kernel.inInterrupt() ? 1 : 0)
                + right(Integer.toString(kernel.taskPidNr(kernel.current())), PID_WIDTH + 2) + "   " + hart + "   "
                + Processes.command(kernel) + "\n");
    }

    private static String right(String text, int width) {
        return " ".repeat(Math.max(1, width - text.length())) + text;
    }

    private void add(long data, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int at = LEN.get(memory, data);
        int length = Math.min(bytes.length, BUFFER_BYTES - at);
        memory.write(BUF.get(memory, data) + at, bytes, 0, length);
        LEN.set(memory, data, at + length);
    }
}
