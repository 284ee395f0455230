package ferrite.board.corpus;

import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.driver.KernelCalls;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * A driver's mistake, and the same code as it should be.
 *
 * @param name  what went wrong, in a few words
 * @param rule  the rule that reports it
 * @param wrong the mistake, in a task
 * @param right the corrected twin
 */
public record Story(String name, String rule, Consumer<Story.Bench> wrong, Consumer<Story.Bench> right) {

    /** The code of a story and of its twin. */
    interface Body {
        void run(Bench bench, KernelCalls kernel, boolean wrong);
    }

    /** Makes a story of code that contains its twin. */
    static Story of(String name, String rule, Body body) {
        return new Story(name, rule, bench -> body.run(bench, bench.kernel, true),
                bench -> body.run(bench, bench.kernel, false));
    }

    @Override
    public String toString() {
        return name;
    }

    /** The kernel as a story's driver sees it, with the buffers that most stories need. */
    public static final class Bench {

        static final int TO = DmaDirection.DMA_TO_DEVICE;
        static final int FROM = DmaDirection.DMA_FROM_DEVICE;

        final KernelCalls kernel;
        private final long timerFunction;
        private final long interruptFunction;
        private final long workFunction;
        private LongConsumer inWork = data -> { };
        private final long transferCallback;
        private LongConsumer onTransfer = data -> { };
        private final long threadEntry;
        private long timerData;
        private LongConsumer onTimer = data -> { };
        private boolean expired;
        private LongConsumer inThread = data -> { };
        private LongConsumer inIoctl = argument -> { };
        private final Program program;
        private long dev;

        /** The text addresses of functions that call methods of this class. */
        record Functions(long timer, long interrupt, long work, long thread, long transfer) { }

        /**
         * @param functions call {@link #expired}, {@link #interrupted}, {@link #works}, {@link #threadRuns} and {@link
         *                  #transferred}
         * @param program   uses the story's device
         */
        Bench(KernelCalls kernel, Functions functions, Program program) {
            this.program = program;
            this.kernel = kernel;
            this.timerFunction = functions.timer;
            this.interruptFunction = functions.interrupt;
            this.workFunction = functions.work;
            this.threadEntry = functions.thread;
            this.transferCallback = functions.transfer;
        }

        /** Lets an interrupt do something soon. Waits until it has. */
        void inInterrupt(LongConsumer body, long data) {
            expired = false;
            long timer = buffer(64);
            timerData = data;
            interruptIn(body, timer, 10);
            while (!expired) {
                kernel.cpuRelax();
            }
            kernel.hrtimerCancel(timer);
            kernel.kfree(timer);
        }

        /** Lets an interrupt do something after some microseconds, by a timer, and goes on. */
        void interruptIn(LongConsumer body, long timer, int microseconds) {
            onTimer = body;
            kernel.hrtimerInit(timer, interruptFunction);
            kernel.hrtimerStart(timer, 1000L * microseconds, KernelCalls.HRTIMER_MODE_REL);
        }

        /** Lets a softirq do something soon, as a timer's function. Waits until it has. */
        void inTimer(LongConsumer body, long data) {
            onTimer = body;
            expired = false;
            long timer = buffer(64);
            kernel.addTimer(timer, kernel.jiffies(), timerFunction, data);
            while (!expired) {
                kernel.usleepRange(100, 200);
            }
            kernel.delTimerSync(timer);
            kernel.kfree(timer);
        }

        /** Sets a timer, and goes on. */
        void setTimer(LongConsumer body, long timer, int jiffies) {
            onTimer = body;
            kernel.addTimer(timer, kernel.jiffies() + jiffies, timerFunction, 0);
        }

        /** Returns the text address of a work item's function that does something. */
        long workFunction(LongConsumer body) {
            inWork = body;
            return workFunction;
        }

        void works(long item) {
            inWork.accept(item);
        }

        /** Returns the text address of a transfer's callback that does something. */
        long callback(LongConsumer body) {
            onTransfer = body;
            return transferCallback;
        }

        void transferred(long param) {
            onTransfer.accept(param);
        }

        boolean interrupted() {
            expired(timerData);
            return false;
        }

        void expired(long data) {
            onTimer.accept(data);
            expired = true;
        }

        /** Starts a kernel task beside the story's own. */
        void startThread(LongConsumer body, long data) {
            inThread = body;
            kernel.kthreadRun("helper", threadEntry, data);
        }

        void threadRuns(long data) {
            inThread.accept(data);
        }

        /** Gives the story's device a command, as a program does. The body is the driver's part, with the argument. */
        void ioctl(int command, LongConsumer body) {
            inIoctl = body;
            long argument = buffer(64);
            program.ioctl(command, argument);
            free(argument);
        }

        void obeys(long argument) {
            inIoctl.accept(argument);
        }

        /** Waits until another task or a handler has set a word. */
        void awaitSet(long word) {
            while (load(word) == 0) {
                kernel.usleepRange(10, 20);
            }
        }

        /** The copy engine's device, with its mask set by its driver. */
        long dev() {
            if (dev == 0) {
                dev = kernel.dmaRequestChan();
            }
            return dev;
        }

        long buffer(int bytes) {
            return kernel.kzalloc(bytes, Gfp.GFP_KERNEL);
        }

        void free(long... buffers) {
            for (long buffer : buffers) {
                kernel.kfree(buffer);
            }
        }

        /** Maps memory, as careful drivers do. */
        long map(long va, int bytes, int direction) {
            long dma = kernel.dmaMapSingle(dev(), va, bytes, direction);
            if (kernel.dmaMappingError(dev(), dma) != 0) {
                throw new IllegalStateException("not mapped");
            }
            return dma;
        }

        void unmap(long dma, int bytes, int direction) {
            kernel.dmaUnmapSingle(dev(), dma, bytes, direction);
        }

        /** Lets the copy engine copy. */
        int copy(long to, long from, int bytes) {
            return kernel.dmaMemcpy(to, from, bytes);
        }

        int load(long va) {
            return kernel.memory().load32(va);
        }

        void store(long va, int value) {
            kernel.memory().store32(va, value);
        }
    }
}
