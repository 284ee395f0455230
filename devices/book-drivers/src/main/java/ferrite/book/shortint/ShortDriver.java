package ferrite.book.shortint;

import static ferrite.book.shortint.ShortLayout.BUFFER;
import static ferrite.book.shortint.ShortLayout.CDEVS;
import static ferrite.book.shortint.ShortLayout.FILES;
import static ferrite.book.shortint.ShortLayout.HEAD;
import static ferrite.book.shortint.ShortLayout.IRQ;
import static ferrite.book.shortint.ShortLayout.OLD_MCR;
import static ferrite.book.shortint.ShortLayout.PORT;
import static ferrite.book.shortint.ShortLayout.REGISTERS;
import static ferrite.book.shortint.ShortLayout.TAIL;

import ferrite.book.base.DeviceFiles;
import ferrite.book.base.DeviceFilesLayout;
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
import ferrite.kernel.irq.IrqFlags;
import java.util.List;

/**
 * {@code short}, Simple Hardware Operations and Raw Tests: registers as files (LDD3 pages 246-248), and interrupts
 * (chapter 10). The book's wire between two pins of a parallel port is the loop of the serial chip here: a byte that is
 * sent comes back, and raises the interrupt. While short is loaded, {@code /dev/ttyS0} sends nothing.
 *
 * <p>The registers are I/O ports. {@code use_mem=1} takes their physical addresses instead, as on pages 252-253: those
 * belong to the driver {@code uart}, so that short requests no region of memory.
 *
 * <p>Without {@code irq=} it finds the interrupt's number by probing, as on page 265. {@code how=1} leaves the lines to
 * a tasklet, {@code how=2} to a work item; {@code share=1} shares the interrupt (page 278).
 */
public final class ShortDriver implements Driver {

    private static final String BASE_NAME = "base";
    private static final String IRQ_NAME = "irq";
    private static final String HOW_NAME = "how";
    private static final String SHARE_NAME = "share";
    private static final String USE_MEM_NAME = "use_mem";
    /** The ports of the first serial chip, as on a PC. */
    private static final long SERIAL_CHIP = 0x3f8;
    private static final int MAX_IRQ = 31;
    private static final int PROBE_DELAY_MICROS = 5;

    private KernelCalls kernel;
    private KernelMemory memory;
    private DeviceFiles files;
    private StaticPointer pointer;
    private ShortInterrupt interrupt;
    private long operations;
    private long registerOperations;

    @Override
    public String name() {
        return "short";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Numbers.address(BASE_NAME, SERIAL_CHIP,
                        "the first I/O port of a 16550A, or with use_mem=1 its physical address"),
                Numbers.parameter(USE_MEM_NAME, 0, "1 takes the registers as memory", 0, 1),
                Numbers.parameter(IRQ_NAME, -1, "its interrupt; -1 finds it", -1, MAX_IRQ),
                Numbers.parameter(HOW_NAME, 0, "the handler (0), a tasklet (1) or a work item (2) writes the lines",
                        ShortInterrupt.BY_HANDLER, ShortInterrupt.BY_WORK),
                Numbers.parameter(SHARE_NAME, 0, "1 shares the interrupt with other drivers", 0, 1));
    }

    @Override
    public List<Struct> structs() {
        return List.of(ShortLayout.STRUCT, DeviceFilesLayout.STRUCT);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        files = new DeviceFiles(theKernel);
        pointer = new StaticPointer(theKernel, text, "short");
        interrupt = new ShortInterrupt(theKernel, text);
        operations = text.add("short_i_fops", new ShortFiles(theKernel, interrupt));
        registerOperations = text.add("short_fops", new ShortRegisterFiles(theKernel));
    }

    @Override
    public int init(DriverParameters parameters) {
        long record = kernel.kzalloc(ShortLayout.SIZE, Gfp.GFP_KERNEL);
        if (record == 0) {
            return -Errno.ENOMEM;
        }
        pointer.set(record);
        IRQ.set(memory, record, -1);
        int result = setUp(record, parameters);
        if (result < 0) {
            exit();
        }
        return result;
    }

    private int setUp(long record, DriverParameters parameters) {
        long buffer = kernel.__getFreePage(Gfp.GFP_KERNEL);
        BUFFER.set(memory, record, buffer);
        HEAD.set(memory, record, buffer);
        TAIL.set(memory, record, buffer);
        if (buffer == 0) {
            return -Errno.ENOMEM;
        }
        int found = findRegisters(record, Numbers.addressOf(parameters, BASE_NAME),
                Numbers.of(parameters, USE_MEM_NAME) != 0);
        if (found < 0) {
            return found;
        }
        long registers = REGISTERS.get(memory, record);
        kernel.initWaitqueueHead(ShortLayout.QUEUE.at(record));
        kernel.mutexInit(ShortLayout.ONE_READER.at(record));
        ShortLayout.HOW.set(memory, record, Numbers.of(parameters, HOW_NAME));
        interrupt.prepare(record);
        OLD_MCR.set(memory, record, kernel.ioread8(registers + ShortRegisters.MCR));
        kernel.iowrite8(ShortRegisters.MCR_LOOP, registers + ShortRegisters.MCR);
        int result = takeInterrupt(record, parameters);
        return result < 0 ? result : makeFiles(record);
    }

    /** Requests the ports, or maps the memory (LDD3 page 253). */
    private int findRegisters(long record, long base, boolean useMem) {
        if (useMem) {
            long registers = kernel.ioremap(base, ShortRegisters.BYTES);
            PORT.set(memory, record, ShortLayout.NO_PORT);
            REGISTERS.set(memory, record, registers);
            return registers == 0 ? -Errno.ENOMEM : 0;
        }
        if (kernel.requestRegion(base, ShortRegisters.BYTES, name()) == 0) {
            kernel.prInfo("short: can't get I/O port address 0x" + Long.toHexString(base));
            return -Errno.ENODEV;
        }
        PORT.set(memory, record, base);
        REGISTERS.set(memory, record, kernel.ioportMap(base, (int) ShortRegisters.BYTES));
        return 0;
    }

    private int takeInterrupt(long record, DriverParameters parameters) {
        int irq = Numbers.of(parameters, IRQ_NAME);
        if (irq < 0) {
            irq = probe(REGISTERS.get(memory, record));
        }
        if (irq <= 0) {
            kernel.prInfo("short: " + (irq == 0 ? "no irq reported by probe" : "probe failed: several irqs"));
            return -Errno.ENODEV;
        }
        boolean shares = Numbers.of(parameters, SHARE_NAME) != 0;
        int result = kernel.requestIrq(irq, interrupt.handler(), shares ? IrqFlags.IRQF_SHARED : 0, name(), record);
        if (result < 0) {
            kernel.prInfo("short: can't get assigned irq " + irq);
            return result;
        }
        IRQ.set(memory, record, irq);
        kernel.iowrite8(ShortRegisters.IER_RECEIVED, REGISTERS.get(memory, record) + ShortRegisters.IER);
        return 0;
    }

    /** Finds the interrupt: lets the chip raise it once, and takes it back (LDD3 page 266). */
    private int probe(long registers) {
        int watched = kernel.probeIrqOn();
        kernel.iowrite8(ShortRegisters.IER_RECEIVED, registers + ShortRegisters.IER);
        kernel.iowrite8(0, registers + ShortRegisters.DATA);
        kernel.udelay(PROBE_DELAY_MICROS);
        kernel.iowrite8(0, registers + ShortRegisters.IER);
        kernel.ioread8(registers + ShortRegisters.DATA);
        return kernel.probeIrqOff(watched);
    }

    private int makeFiles(long record) {
        int result = files.register(FILES.at(record), name(), ShortLayout.DEVICES);
        for (int i = 0; i < ShortLayout.DEVICES && result == 0; i++) {
            result = files.add(FILES.at(record), CDEVS.at(record, i), i == 0 ? operations : registerOperations,
                    i == 0 ? "shortint" : "short" + (i - 1));
        }
        return result;
    }

    /** Also ends an init that fails: the resources that were not taken yet are 0, or -1. */
    @Override
    public void exit() {
        long record = pointer.get();
        long registers = REGISTERS.get(memory, record);
        files.unregister(FILES.at(record));
        if (registers != 0) {
            kernel.iowrite8(0, registers + ShortRegisters.IER);
            if (IRQ.get(memory, record) > 0) {
                kernel.freeIrq(IRQ.get(memory, record), record);
            }
            interrupt.finish(record);
            kernel.iowrite8(OLD_MCR.get(memory, record), registers + ShortRegisters.MCR);
            giveBack(PORT.get(memory, record), registers);
        }
        kernel.freePage(BUFFER.get(memory, record));
        kernel.kfree(record);
    }

    private void giveBack(long port, long registers) {
        if (port == ShortLayout.NO_PORT) {
            kernel.iounmap(registers);
        } else {
            kernel.ioportUnmap(registers);
            kernel.releaseRegion(port, ShortRegisters.BYTES);
        }
    }
}
