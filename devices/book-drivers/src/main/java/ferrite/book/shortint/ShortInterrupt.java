package ferrite.book.shortint;

import static ferrite.book.shortint.ShortLayout.BUFFER;
import static ferrite.book.shortint.ShortLayout.HEAD;
import static ferrite.book.shortint.ShortLayout.HOW;
import static ferrite.book.shortint.ShortLayout.MICROS;
import static ferrite.book.shortint.ShortLayout.QUEUE;
import static ferrite.book.shortint.ShortLayout.REGISTERS;
import static ferrite.book.shortint.ShortLayout.SECONDS;
import static ferrite.book.shortint.ShortLayout.TASKLET;
import static ferrite.book.shortint.ShortLayout.TIMES;
import static ferrite.book.shortint.ShortLayout.TV_HEAD;
import static ferrite.book.shortint.ShortLayout.TV_TAIL;
import static ferrite.book.shortint.ShortLayout.WORK;
import static ferrite.book.shortint.ShortLayout.WQ_COUNT;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.kernel.sched.TimerFunction;
import ferrite.kernel.sched.Timespec64Layout;
import ferrite.kernel.work.WorkFunction;
import java.nio.charset.StandardCharsets;

/**
 * The interrupt of short: a line with the time for each, written by the handler itself (LDD3 page 268), by a tasklet
 * (page 276) or by a work item (page 277). Lines that are not read are overwritten.
 */
final class ShortInterrupt {

    static final int BY_HANDLER = 0;
    static final int BY_TASKLET = 1;
    static final int BY_WORK = 2;

    /** Each line has so many bytes, of which a page holds a whole number. */
    static final int LINE = 16;
    static final int PAGE_BYTES = 4096;
    private static final int NANOS_PER_MICRO = 1000;
    private static final int MAX_SECONDS = 100_000_000;

    private final KernelCalls kernel;
    private final KernelMemory memory;
    private final long handler;
    private final long tasklet;
    private final long work;

    ShortInterrupt(KernelCalls kernel, TextTable.Module text) {
        this.kernel = kernel;
        this.memory = kernel.memory();
        this.handler = text.add("short_interrupt", (IrqHandler) this::handle);
        this.tasklet = text.add("short_do_tasklet", (TimerFunction) this::writeTimes);
        this.work = text.add("short_do_work", (WorkFunction) item -> writeTimes(WORK.containerOf(item)));
    }

    void prepare(long record) {
        kernel.taskletInit(TASKLET.at(record), tasklet, record);
        kernel.initWork(WORK.at(record), work);
    }

    /** Text address of the handler. */
    long handler() {
        return handler;
    }

    /** Waits for the tasklet and the work item. The handler is removed. Task context; may sleep. */
    void finish(long record) {
        kernel.taskletKill(TASKLET.at(record));
        kernel.cancelWorkSync(WORK.at(record));
    }

    private IrqReturn handle(int irq, long record) {
        long registers = REGISTERS.get(memory, record);
        if ((kernel.ioread8(registers + ShortRegisters.IIR) & ShortRegisters.IIR_NONE) != 0) {
            return IrqReturn.IRQ_NONE;                        // another device of a shared interrupt
        }
        kernel.ioread8(registers + ShortRegisters.DATA);      // the chip withdraws its interrupt
        int number = TV_HEAD.get(memory, record);
        storeTime(record, number % TIMES);
        TV_HEAD.set(memory, record, number + 1);
        switch (HOW.get(memory, record)) {
            case BY_TASKLET -> {
                kernel.atomicInc(WQ_COUNT.at(record));
                kernel.taskletSchedule(TASKLET.at(record));
            }
            case BY_WORK -> {
                kernel.atomicInc(WQ_COUNT.at(record));
                kernel.scheduleWork(WORK.at(record));
            }
            default -> {
                writeStored(record);
                kernel.wakeUpInterruptible(QUEUE.at(record));
            }
        }
        return IrqReturn.IRQ_HANDLED;
    }

    private void storeTime(long record, int place) {
        kernel.onStack(Timespec64Layout.SIZE, time -> {
            kernel.ktimeGetRealTs64(time);
            SECONDS.set(memory, record, place, (int) (Timespec64Layout.TV_SEC.get(memory, time) % MAX_SECONDS));
            MICROS.set(memory, record, place, Timespec64Layout.TV_NSEC.get(memory, time) / NANOS_PER_MICRO);
            return 0;
        });
    }

    /** The function of the tasklet and the work item: tells for how many interrupts it runs, and writes their times. */
    private void writeTimes(long record) {
        addLine(record, "bh after " + right(kernel.atomicXchg(WQ_COUNT.at(record), 0), 6, ' ') + "\n");
        writeStored(record);
        kernel.wakeUpInterruptible(QUEUE.at(record));
    }

    private void writeStored(long record) {
        while (TV_TAIL.get(memory, record) != TV_HEAD.get(memory, record)) {
            int place = TV_TAIL.get(memory, record) % TIMES;
            addLine(record, right(SECONDS.get(memory, record, place), 8, '0') + "."
                    + right(MICROS.get(memory, record, place), 6, '0') + "\n");
            TV_TAIL.add(memory, record, 1);
        }
    }

    private static String right(int number, int width, char padding) {
        String digits = Integer.toString(number);
        return String.valueOf(padding).repeat(Math.max(0, width - digits.length())) + digits;
    }

    private void addLine(long record, String line) {
        long head = HEAD.get(memory, record);
        memory.write(head, line.getBytes(StandardCharsets.US_ASCII), 0, LINE);
        HEAD.set(memory, record, advanced(record, head, LINE));
    }

    /** Returns the place after some bytes, which do not leave the buffer (LDD3 page 270). */
    long advanced(long record, long at, int bytes) {
        long buffer = BUFFER.get(memory, record);
        return at + bytes >= buffer + PAGE_BYTES ? buffer : at + bytes;
    }
}
