package ferrite.peripherals.console;

import ferrite.hardware.devicetree.Region;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Signal;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.base.Word;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.Terminal;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;
import java.util.List;

/** {@code console}: /dev/console, /dev/stdout and /dev/stderr, and lines for the shell. */
public final class ConsoleDriver implements Driver, FileOperations, Terminal {

    private static final int SIZE = 76;
    private static final int PAGE = 4096;

    private static final Struct STRUCT = Struct.of("console", SIZE);

    private static final Pointer REGISTERS = STRUCT.pointer("registers", 0, "void");
    /** Protects the registers. */
    private static final Embedded LOCK = STRUCT.spinlock("lock", 4);
    private static final Embedded INPUT_WAIT = STRUCT.embedded("input_wait", 8, WaitQueueLayout.STRUCT);
    private static final Word IRQ = STRUCT.u32("irq", INPUT_WAIT.end());
    /** The number of the task that the interrupt key is for. */
    private static final Word FOREGROUND = STRUCT.u32("foreground", 24);

    /** One of the devices in /dev. */
    private static final Struct STREAM_STRUCT = Struct.of("console_stream", 8);

    private static final Pointer CONSOLE = STREAM_STRUCT.pointer("console", 0, "struct console");
    private static final Word STREAM = STREAM_STRUCT.u32("stream", 4);

    private static final Embedded STREAMS = STRUCT.array("streams", 28, STREAM_STRUCT, 3);
    /** A page that output goes through, for one writer at a time. */
    private static final Pointer PAGE_OUT = STRUCT.pointer("page_out", 52, "char");
    private static final Embedded ONE_WRITER = STRUCT.embedded("one_writer", 56, MutexLayout.STRUCT);
    private static final String[] NAMES = {"console", "stdout", "stderr"};
    private static final int[] STREAM_OF = {Console.STANDARD_OUTPUT, Console.STANDARD_OUTPUT, Console.STANDARD_ERROR};

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
    public boolean suppressBindAttrs() {
        return true;
    }

    @Override
    public List<String> compatible() {
        return List.of(Console.COMPATIBLE);
    }

    @Override
    public List<Struct> structs() {
        return List.of(STRUCT, STREAM_STRUCT);
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
        IRQ.set(memory, console, device.irq());
        kernel.initWaitqueueHead(INPUT_WAIT.at(console));
        kernel.mutexInit(ONE_WRITER.at(console));
        int result = takePage(device.registers(), console);
        if (result < 0) {
            kernel.kfree(console);
        } else {
            device.setDriverData(console);
            kernel.registerConsole(terminal, console);
        }
        return result;
    }

    private int takePage(Region region, long console) {
        long page = kernel.__getFreePage(Gfp.GFP_KERNEL);
        if (page == 0) {
            return -Errno.ENOMEM;
        }
        PAGE_OUT.set(memory, console, page);
        int result = takeRegion(region, console);
        if (result < 0) {
            kernel.freePage(page);
        }
        return result;
    }

    private int takeRegion(Region region, long console) {
        if (kernel.requestMemRegion(region.address(), region.size(), name()) == 0) {
            return -Errno.EBUSY;
        }
        int result = mapRegisters(region, console);
        if (result < 0) {
            kernel.releaseMemRegion(region.address(), region.size());
        }
        return result;
    }

    private int mapRegisters(Region region, long console) {
        long registers = kernel.ioremap(region.address(), region.size());
        if (registers == 0) {
            return -Errno.ENOMEM;
        }
        REGISTERS.set(memory, console, registers);
        int result = takeInterrupt(console);
        if (result < 0) {
            kernel.iounmap(registers);
        }
        return result;
    }

    private int takeInterrupt(long console) {
        int irq = IRQ.get(memory, console);
        int result = kernel.requestIrq(irq, interrupt, 0, "console", console);
        if (result == 0) {
            result = addStreams(console);
            if (result < 0) {
                kernel.freeIrq(irq, console);
            }
        }
        return result;
    }

    private int addStreams(long console) {
        for (int i = 0; i < NAMES.length; i++) {
            long stream = STREAMS.at(console, i);
            CONSOLE.set(memory, stream, console);
            STREAM.set(memory, stream, STREAM_OF[i]);
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
        kernel.freeIrq(IRQ.get(memory, console), console);
        kernel.iounmap(REGISTERS.get(memory, console));
        kernel.releaseMemRegion(device.registers().address(), device.registers().size());
        kernel.freePage(PAGE_OUT.get(memory, console));
        kernel.kfree(console);
    }

    /** Input is the shell's: a command that reads the console is at the end of it. */
    @Override
    public int read(long file, long to, int count, long position) {
        return 0;
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long stream = FileLayout.DATA.get(memory, file);
        long console = CONSOLE.get(memory, stream);
        kernel.mutexLock(ONE_WRITER.at(console));
        int done = 0;
        int result = 0;
        while (done < count && result >= 0) {
            result = writePiece(console, STREAM.get(memory, stream), from + done, Math.min(PAGE, count - done));
            done += Math.max(result, 0);
        }
        kernel.mutexUnlock(ONE_WRITER.at(console));
        return done == 0 ? result : done;
    }

    private int writePiece(long console, int stream, long from, int bytes) {
        long page = PAGE_OUT.get(memory, console);
        int copied = bytes - kernel.copyFromUser(page, from, bytes);
        if (copied == 0) {
            return -Errno.EFAULT;
        }
        int result = command(console, stream, page, copied);
        return result == ConsoleRegisters.OUTPUT_GONE ? -Errno.EPIPE : result < 0 ? -Errno.EIO : result;
    }

    /** The three registers of a command belong together. */
    private int command(long console, int command, long buffer, int length) {
        long registers = REGISTERS.get(memory, console);
        int flags = kernel.spinLockIrqsave(LOCK.at(console));
        kernel.writel((int) kernel.virtToPhys(buffer), registers + ConsoleRegisters.ADDRESS);
        kernel.writel(length, registers + ConsoleRegisters.LENGTH);
        kernel.writel(command, registers + ConsoleRegisters.COMMAND);
        int result = kernel.readl(registers + ConsoleRegisters.RESULT);
        kernel.spinUnlockIrqrestore(LOCK.at(console), flags);
        return result;
    }

    // ---- for the shell ----

    @Override
    public long inputWait(long console) {
        return INPUT_WAIT.at(console);
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
        return kernel.readl(REGISTERS.get(memory, console) + ConsoleRegisters.INPUT) != 0;
    }

    @Override
    public void setForeground(long console, int pid) {
        FOREGROUND.set(memory, console, pid);
    }

    @Override
    public void complain(long console, long from, int length) {
        command(console, ConsoleRegisters.WRITE_STANDARD_ERROR, from, length);
    }

    @Override
    public void report(long console, int pid, int status) {
        long registers = REGISTERS.get(memory, console);
        kernel.writel(pid, registers + ConsoleRegisters.REPORT_TASK);
        kernel.writel(status, registers + ConsoleRegisters.REPORT);
    }

    private IrqReturn handleInterrupt(int irq, long console) {
        long registers = REGISTERS.get(memory, console);
        kernel.writel(1, registers + ConsoleRegisters.ACKNOWLEDGE);
        if (kernel.readl(registers + ConsoleRegisters.INTERRUPT_KEY) != 0) {
            kernel.writel(1, registers + ConsoleRegisters.INTERRUPT_KEY);
            kernel.killPid(FOREGROUND.get(memory, console), Signal.SIGINT);
        }
        kernel.wakeUpAll(INPUT_WAIT.at(console));
        return IrqReturn.IRQ_HANDLED;
    }
}
