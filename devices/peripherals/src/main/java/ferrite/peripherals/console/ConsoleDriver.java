package ferrite.peripherals.console;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Signal;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.Terminal;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.sched.WaitQueueLayout;
import java.util.List;

/** {@code console}: /dev/console, /dev/stdout and /dev/stderr, and lines for the shell. */
public final class ConsoleDriver implements Driver, FileOperations, Terminal {

    /** Its record: registers, their lock, who waits for input, interrupt; then a record for each of the devices: the first one, and the stream. */
    private static final int REGISTERS = 0;
    private static final int LOCK = 4;
    private static final int INPUT_WAIT = 8;
    private static final int IRQ = INPUT_WAIT + WaitQueueLayout.SIZE;
    /** The task that the interrupt key is for, by its number. */
    private static final int FOREGROUND = IRQ + 4;
    private static final int STREAMS = FOREGROUND + 4;
    private static final int CONSOLE = 0;
    private static final int STREAM = 4;
    private static final int STREAM_SIZE = 8;
    private static final String[] NAMES = {"console", "stdout", "stderr"};
    private static final int[] STREAM_OF = {Console.STANDARD_OUTPUT, Console.STANDARD_OUTPUT, Console.STANDARD_ERROR};
    private static final int SIZE = STREAMS + 3 * STREAM_SIZE;

    private KernelCalls kernel;
    private KernelMemory memory;
    private long interrupt;
    private long operations;
    private long terminal;

    @Override
    public String name() {
        return "console";
    }

    @Override
    public List<String> compatible() {
        return List.of(Console.COMPATIBLE);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        interrupt = text.add("console_interrupt", (IrqHandler) this::handleInterrupt);
        operations = text.add("console_operations", this);
        terminal = text.add("console_terminal", this);
    }

    // ---- the device: each step takes one thing, and gives it back if a later step fails ----

    @Override
    public int probe(Device device) {
        long console = kernel.kzalloc(SIZE, Gfp.GFP_KERNEL);
        if (console == 0) {
            return -Errno.ENOMEM;
        }
        memory.store32(console + IRQ, device.irq());
        kernel.initWaitqueueHead(console + INPUT_WAIT);
        int result = mapRegisters(device, console);
        if (result < 0) {
            kernel.kfree(console);
        } else {
            device.setDriverData(console);
            kernel.registerConsole(terminal, console);
        }
        return result;
    }

    private int mapRegisters(Device device, long console) {
        long registers = kernel.ioremap(device.registers().address(), device.registers().size());
        if (registers == 0) {
            return -Errno.ENOMEM;
        }
        memory.storeAddress(console + REGISTERS, registers);
        int result = takeInterrupt(console);
        if (result < 0) {
            kernel.iounmap(registers);
        }
        return result;
    }

    private int takeInterrupt(long console) {
        int irq = memory.load32(console + IRQ);
        int result = kernel.requestIrq(irq, interrupt, "console", console);
        if (result == 0) {
            result = addStreams(console);
            if (result < 0) {
                kernel.freeIrq(irq);
            }
        }
        return result;
    }

    private int addStreams(long console) {
        for (int i = 0; i < NAMES.length; i++) {
            long stream = console + STREAMS + (long) i * STREAM_SIZE;
            memory.storeAddress(stream + CONSOLE, console);
            memory.store32(stream + STREAM, STREAM_OF[i]);
            int result = kernel.cdevAdd(NAMES[i], operations, stream);
            if (result < 0) {
                removeStreams(i);
                return result;
            }
        }
        return 0;
    }

    private void removeStreams(int count) {
        for (int i = count - 1; i >= 0; i--) {
            kernel.cdevDel(NAMES[i]);
        }
    }

    @Override
    public void remove(Device device) {
        long console = device.driverData();
        removeStreams(NAMES.length);
        kernel.freeIrq(memory.load32(console + IRQ));
        kernel.iounmap(memory.loadAddress(console + REGISTERS));
        kernel.kfree(console);
    }

    /** Input is the shell's: a command that reads the console is at the end of it. */
    @Override
    public int read(long file, long to, int count, long position) {
        return 0;
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long stream = memory.loadAddress(file + FileLayout.DATA);
        int result = command(memory.loadAddress(stream + CONSOLE), memory.load32(stream + STREAM), from, count);
        return result == ConsoleRegisters.OUTPUT_GONE ? -Errno.EPIPE : result < 0 ? -Errno.EIO : result;
    }

    /** The three registers of a command belong together. */
    private int command(long console, int command, long buffer, int length) {
        long registers = memory.loadAddress(console + REGISTERS);
        int flags = kernel.spinLockIrqsave(console + LOCK);
        memory.store32(registers + ConsoleRegisters.ADDRESS, (int) kernel.virtToPhys(buffer));
        memory.store32(registers + ConsoleRegisters.LENGTH, length);
        memory.store32(registers + ConsoleRegisters.COMMAND, command);
        int result = memory.load32(registers + ConsoleRegisters.RESULT);
        kernel.spinUnlockIrqrestore(console + LOCK, flags);
        return result;
    }

    // ---- for the shell ----

    @Override
    public long inputWait(long console) {
        return console + INPUT_WAIT;
    }

    @Override
    public int readLine(long console, long to, int limit) {
        int result = command(console, ConsoleRegisters.READ_LINE, to, limit);
        return switch (result) {
            case ConsoleRegisters.NOT_YET -> -Errno.EAGAIN;
            case ConsoleRegisters.END -> -Errno.EPIPE;
            case ConsoleRegisters.TOO_LONG, ConsoleRegisters.BAD_ADDRESS -> -Errno.EINVAL;
            default -> result;
        };
    }

    @Override
    public boolean hasInput(long console) {
        return memory.load32(memory.loadAddress(console + REGISTERS) + ConsoleRegisters.INPUT) != 0;
    }

    @Override
    public void setForeground(long console, int pid) {
        memory.store32(console + FOREGROUND, pid);
    }

    @Override
    public void report(long console, int pid, int status) {
        long registers = memory.loadAddress(console + REGISTERS);
        memory.store32(registers + ConsoleRegisters.REPORT_TASK, pid);
        memory.store32(registers + ConsoleRegisters.REPORT, status);
    }

    private boolean handleInterrupt(int irq, long console) {
        long registers = memory.loadAddress(console + REGISTERS);
        memory.store32(registers + ConsoleRegisters.ACKNOWLEDGE, 1);
        if (memory.load32(registers + ConsoleRegisters.INTERRUPT_KEY) != 0) {
            memory.store32(registers + ConsoleRegisters.INTERRUPT_KEY, 1);
            kernel.killPid(memory.load32(console + FOREGROUND), Signal.SIGINT);
        }
        kernel.wakeUpAll(console + INPUT_WAIT);
        return true;
    }
}
