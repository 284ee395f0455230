package ferrite.peripherals.uart;

import ferrite.hardware.devicetree.Region;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Kdev;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.peripherals.tty.LineDisciplineDriver;
import ferrite.peripherals.tty.TermiosLayout;
import ferrite.peripherals.tty.TtyFileDriver;
import ferrite.peripherals.tty.TtyLayout;
import ferrite.peripherals.tty.TtyPortDriver;
import ferrite.peripherals.tty.TtyPortLayout;
import java.util.List;

/** {@code uart}: /dev/ttyS0, a terminal with Linux's number ({@link TtyFileDriver}). */
public final class UartDriver implements Driver, TtyPortDriver {

    private static final String FILE = "ttyS0";
    private static final int SAMPLES_PER_BIT = 16;
    private static final int TRIGGER_8 = 2 << UartRegisters.FCR_TRIGGER_SHIFT;
    /** A break, and the errors of the byte that is next. */
    private static final int LOSES = UartRegisters.LSR_BI | UartRegisters.LSR_FE | UartRegisters.LSR_PE;
    /** A register of a chip that was pulled out. Bits 7-5 of a present chip's MCR are 0. */
    private static final int ALL_ONES = 0xff;
    /** TTY_MAJOR, and the first minor number of serial lines. */
    private static final int NUMBER = Kdev.MKDEV(4, 64);

    private KernelCalls kernel;
    private KernelMemory memory;
    private LineDisciplineDriver discipline;
    private TtyFileDriver files;
    private long interrupt;
    private long operations;

    @Override
    public String name() {
        return "uart";
    }

    @Override
    public boolean suppressBindAttrs() {
        return true;
    }

    @Override
    public List<String> compatible() {
        return List.of(Uart.COMPATIBLE);
    }

    @Override
    public List<Struct> structs() {
        return List.of(UartLayout.STRUCT, TtyPortLayout.STRUCT, TermiosLayout.STRUCT, TtyLayout.STRUCT);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        discipline = new LineDisciplineDriver(theKernel, this);
        files = new TtyFileDriver(theKernel, discipline, this);
        interrupt = text.add("uart_interrupt", (IrqHandler) this::handleInterrupt);
        operations = text.add("uart_operations", files);
    }

    // ---- the device: each step takes one thing, and gives it back if a later step fails ----

    @Override
    public int probe(Device device) {
        Region region = device.registers();
        if (kernel.requestMemRegion(region.address(), region.size(), name()) == 0) {
            return -Errno.EBUSY;
        }
        int result = makeRecord(device);
        if (result < 0) {
            kernel.releaseMemRegion(region.address(), region.size());
        }
        return result;
    }

    private int makeRecord(Device device) {
        long uart = kernel.kzalloc(UartLayout.SIZE, Gfp.GFP_KERNEL);
        if (uart == 0) {
            return -Errno.ENOMEM;
        }
        UartLayout.IRQ.set(memory, uart, device.irq());
        UartLayout.CLOCK.set(memory, uart, device.property("clock-frequency", UartRegisters.CLOCK_HZ));
        files.initPort(uart);
        int result = mapRegisters(device, uart);
        if (result < 0) {
            kernel.kfree(uart);
        } else {
            device.setDriverData(uart);
        }
        return result;
    }

    private int mapRegisters(Device device, long uart) {
        long registers = kernel.ioremap(device.registers().address(), device.registers().size());
        if (registers == 0) {
            return -Errno.ENOMEM;
        }
        UartLayout.REGISTERS.set(memory, uart, registers);
        int result = takeNumber(uart);
        if (result < 0) {
            kernel.iounmap(registers);
        }
        return result;
    }

    private int takeNumber(long uart) {
        int result = kernel.registerChrdevRegion(NUMBER, 1, "ttyS");
        if (result == 0) {
            result = addCdev(uart);
            if (result < 0) {
                kernel.unregisterChrdevRegion(NUMBER, 1);
            }
        }
        return result;
    }

    private int addCdev(long uart) {
        kernel.cdevInit(TtyPortLayout.CDEV.at(uart), operations);
        int result = kernel.cdevAdd(TtyPortLayout.CDEV.at(uart), NUMBER, 1);
        if (result == 0) {
            result = makeFile(uart);
            if (result < 0) {
                kernel.cdevDel(TtyPortLayout.CDEV.at(uart));
            }
        }
        return result;
    }

    private int makeFile(long uart) {
        long tty = kernel.classCreate("tty");
        if (tty == 0) {
            return -Errno.ENOMEM;
        }
        UartLayout.CLASS.set(memory, uart, tty);
        if (kernel.deviceCreate(tty, 0, NUMBER, uart, FILE) == 0) {
            kernel.classDestroy(tty);
            return -Errno.ENOMEM;
        }
        return 0;
    }

    @Override
    public void remove(Device device) {
        long uart = device.driverData();
        kernel.deviceDestroy(UartLayout.CLASS.get(memory, uart), NUMBER);
        kernel.classDestroy(UartLayout.CLASS.get(memory, uart));
        kernel.cdevDel(TtyPortLayout.CDEV.at(uart));
        kernel.unregisterChrdevRegion(NUMBER, 1);
        kernel.iounmap(UartLayout.REGISTERS.get(memory, uart));
        kernel.releaseMemRegion(device.registers().address(), device.registers().size());
        kernel.kfree(uart);
    }

    // ---- interrupts ----

    /** Takes all bytes that the chip has received. Those with an error are lost. */
    private IrqReturn handleInterrupt(int irq, long uart) {
        long registers = UartLayout.REGISTERS.get(memory, uart);
        if ((kernel.ioread8(registers + UartRegisters.IIR) & UartRegisters.IIR_NONE) != 0) {
            return IrqReturn.IRQ_NONE;
        }
        kernel.spinLock(TtyPortLayout.LOCK.at(uart));
        while ((lineStatus(uart) & UartRegisters.LSR_DR) != 0 && discipline.isReceiving(uart)) {
            int value = kernel.ioread8(registers + UartRegisters.RBR) & 0xff;
            if ((takeErrors(uart) & LOSES) == 0) {
                discipline.receive(uart, value);
            }
        }
        kernel.spinUnlock(TtyPortLayout.LOCK.at(uart));
        discipline.wakeReaders(uart);
        return IrqReturn.IRQ_HANDLED;
    }

    /**
     * Returns the line status. That of a chip that was pulled out is 0: its terminal is hung up. A load clears the
     * errors of the next byte in the chip, so they are kept until the byte is read. The lock is held.
     */
    private int lineStatus(long uart) {
        long registers = UartLayout.REGISTERS.get(memory, uart);
        int status = kernel.ioread8(registers + UartRegisters.LSR) & 0xff;
        if (status == ALL_ONES && (kernel.ioread8(registers + UartRegisters.MCR) & 0xff) == ALL_ONES) {
            if (!discipline.isHungUp(uart)) {
                kernel.prErr(FILE + ": the chip is gone");
                discipline.hangUp(uart);
            }
            return 0;
        }
        if ((status & UartRegisters.LSR_ERRORS) != 0) {
            UartLayout.LSR_SAVED_FLAGS.set(memory, uart,
                    UartLayout.LSR_SAVED_FLAGS.get(memory, uart) | status & UartRegisters.LSR_ERRORS);
        }
        return status;
    }

    /** Counts the errors of the byte that was just read, and returns their bits. The lock is held. */
    private int takeErrors(long uart) {
        int errors = UartLayout.LSR_SAVED_FLAGS.get(memory, uart);
        if (errors != 0) {
            UartLayout.LSR_SAVED_FLAGS.set(memory, uart, 0);
            UartLayout.FRAME.add(memory, uart, (errors & UartRegisters.LSR_FE) != 0 ? 1 : 0);
            UartLayout.PARITY.add(memory, uart, (errors & UartRegisters.LSR_PE) != 0 ? 1 : 0);
            UartLayout.OVERRUN.add(memory, uart, (errors & UartRegisters.LSR_OE) != 0 ? 1 : 0);
        }
        return errors;
    }

    private void tellErrors(long uart) {
        int frame = UartLayout.FRAME.get(memory, uart);
        int parity = UartLayout.PARITY.get(memory, uart);
        int overrun = UartLayout.OVERRUN.get(memory, uart);
        if (frame + parity + overrun > 0) {
            kernel.prWarn(FILE + ": errors of received bytes: framing " + frame + ", parity " + parity + ", overrun "
                    + overrun);
        }
        UartLayout.FRAME.set(memory, uart, 0);
        UartLayout.PARITY.set(memory, uart, 0);
        UartLayout.OVERRUN.set(memory, uart, 0);
    }

    // ---- the terminal's requests ----

    @Override
    public int activate(long uart) {
        int result = kernel.requestIrq(UartLayout.IRQ.get(memory, uart), interrupt, 0, FILE, uart);
        if (result < 0) {
            return result;
        }
        long registers = UartLayout.REGISTERS.get(memory, uart);
        int flags = kernel.spinLockIrqsave(TtyPortLayout.LOCK.at(uart));
        files.setSpeed(uart);
        kernel.iowrite8(UartRegisters.FCR_ENABLE | UartRegisters.FCR_CLEAR_RECEIVER | TRIGGER_8,
                registers + UartRegisters.FCR);
        kernel.iowrite8(UartRegisters.MCR_DTR | UartRegisters.MCR_RTS | UartRegisters.MCR_OUT2,
                registers + UartRegisters.MCR);
        kernel.iowrite8(UartRegisters.IER_RECEIVED, registers + UartRegisters.IER);
        lineStatus(uart);
        UartLayout.LSR_SAVED_FLAGS.set(memory, uart, 0);
        kernel.spinUnlockIrqrestore(TtyPortLayout.LOCK.at(uart), flags);
        if (discipline.isHungUp(uart)) {
            shutdown(uart);
            return -Errno.EIO;
        }
        return 0;
    }

    @Override
    public void shutdown(long uart) {
        long registers = UartLayout.REGISTERS.get(memory, uart);
        int flags = kernel.spinLockIrqsave(TtyPortLayout.LOCK.at(uart));
        kernel.iowrite8(0, registers + UartRegisters.IER);
        kernel.iowrite8(0, registers + UartRegisters.FCR);
        kernel.iowrite8(0, registers + UartRegisters.MCR);
        kernel.spinUnlockIrqrestore(TtyPortLayout.LOCK.at(uart), flags);
        kernel.freeIrq(UartLayout.IRQ.get(memory, uart), uart);
        tellErrors(uart);
    }

    @Override
    public void putChar(long uart, int value) {
        while ((lineStatus(uart) & UartRegisters.LSR_THRE) == 0) {
            if (discipline.isHungUp(uart)) {
                return;
            }
            kernel.cpuRelax();
        }
        kernel.iowrite8(value, UartLayout.REGISTERS.get(memory, uart) + UartRegisters.THR);
    }

    /** Sets the speed of the line, with 8 bits and no parity. */
    @Override
    public void setTermios(long uart, int baud) {
        if (baud > 0) {
            long registers = UartLayout.REGISTERS.get(memory, uart);
            int divisor = Math.max(1, UartLayout.CLOCK.get(memory, uart) / (SAMPLES_PER_BIT * baud));
            kernel.iowrite8(UartRegisters.DLAB | UartRegisters.LCR_8_BITS, registers + UartRegisters.LCR);
            kernel.iowrite8(divisor & 0xff, registers + UartRegisters.RBR);
            kernel.iowrite8(divisor >> 8, registers + UartRegisters.IER);
            kernel.iowrite8(UartRegisters.LCR_8_BITS, registers + UartRegisters.LCR);
        }
    }

    @Override
    public void throttle(long uart) {
        kernel.iowrite8(0, UartLayout.REGISTERS.get(memory, uart) + UartRegisters.IER);
    }

    @Override
    public void unthrottle(long uart) {
        kernel.iowrite8(UartRegisters.IER_RECEIVED, UartLayout.REGISTERS.get(memory, uart) + UartRegisters.IER);
    }
}
