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
import java.util.List;

/** {@code uart}: /dev/ttyS0, a terminal with Linux's number ({@link UartFileDriver}). */
public final class UartDriver implements Driver {

    private static final String FILE = "ttyS0";
    /** TTY_MAJOR, and the first minor number of serial lines. */
    private static final int NUMBER = Kdev.MKDEV(4, 64);

    private KernelCalls kernel;
    private KernelMemory memory;
    private LineDisciplineDriver discipline;
    private UartFileDriver files;
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
        return List.of(UartLayout.STRUCT, TermiosLayout.STRUCT, TtyLayout.STRUCT);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        discipline = new LineDisciplineDriver(theKernel);
        files = new UartFileDriver(theKernel, discipline,
                text.add("uart_interrupt", (IrqHandler) this::handleInterrupt));
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
        kernel.spinLockInit(UartLayout.LOCK.at(uart));
        kernel.mutexInit(UartLayout.ONE_OPENER.at(uart));
        files.initTermios(uart);
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
        kernel.cdevInit(UartLayout.CDEV.at(uart), operations);
        int result = kernel.cdevAdd(UartLayout.CDEV.at(uart), NUMBER, 1);
        if (result == 0) {
            result = makeFile(uart);
            if (result < 0) {
                kernel.cdevDel(UartLayout.CDEV.at(uart));
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
        kernel.cdevDel(UartLayout.CDEV.at(uart));
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
        kernel.spinLock(UartLayout.LOCK.at(uart));
        long tty = UartLayout.TTY.get(memory, uart);
        int status = kernel.ioread8(registers + UartRegisters.LSR);
        while (tty != 0 && (status & UartRegisters.LSR_DR) != 0 && TtyLayout.THROTTLED.get(memory, tty) == 0) {
            int value = kernel.ioread8(registers + UartRegisters.RBR) & 0xff;
            if ((status & UartRegisters.LSR_BI) == 0) {
                discipline.receive(uart, value);
            }
            status = kernel.ioread8(registers + UartRegisters.LSR);
        }
        kernel.spinUnlock(UartLayout.LOCK.at(uart));
        if (tty != 0) {
            kernel.wakeUpInterruptible(TtyLayout.WAIT.at(tty));
        }
        return IrqReturn.IRQ_HANDLED;
    }
}
