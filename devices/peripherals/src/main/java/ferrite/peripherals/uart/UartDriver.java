package ferrite.peripherals.uart;

import ferrite.hardware.devicetree.Region;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.CdevLayout;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.Kdev;
import java.util.List;

/** {@code uart}: /dev/ttyS0, to write to, with Linux's number. */
public final class UartDriver implements Driver, FileOperations {

    private static final String FILE = "ttyS0";
    /** TTY_MAJOR, and the first minor number of serial lines. */
    private static final int NUMBER = Kdev.MKDEV(4, 64);

    private static final int SIZE = 8 + CdevLayout.SIZE;
    /** A write of more is a short one. */
    private static final int PIECE = 512;

    private static final Struct STRUCT = Struct.of("uart", SIZE);

    private static final Pointer REGISTERS = STRUCT.pointer("registers", 0, "void");
    private static final Pointer CLASS = STRUCT.pointer("class", 4, "struct class");
    private static final Embedded CDEV = STRUCT.embedded("cdev", 8, CdevLayout.STRUCT);

    private KernelCalls kernel;
    private KernelMemory memory;
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
        return List.of(STRUCT);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        operations = text.add("uart_operations", this);
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
        long uart = kernel.kzalloc(SIZE, Gfp.GFP_KERNEL);
        if (uart == 0) {
            return -Errno.ENOMEM;
        }
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
        REGISTERS.set(memory, uart, registers);
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
        kernel.cdevInit(CDEV.at(uart), operations);
        int result = kernel.cdevAdd(CDEV.at(uart), NUMBER, 1);
        if (result == 0) {
            result = makeFile(uart);
            if (result < 0) {
                kernel.cdevDel(CDEV.at(uart));
            }
        }
        return result;
    }

    private int makeFile(long uart) {
        long tty = kernel.classCreate("tty");
        if (tty == 0) {
            return -Errno.ENOMEM;
        }
        CLASS.set(memory, uart, tty);
        if (kernel.deviceCreate(tty, 0, NUMBER, uart, FILE) == 0) {
            kernel.classDestroy(tty);
            return -Errno.ENOMEM;
        }
        return 0;
    }

    @Override
    public void remove(Device device) {
        long uart = device.driverData();
        kernel.deviceDestroy(CLASS.get(memory, uart), NUMBER);
        kernel.classDestroy(CLASS.get(memory, uart));
        kernel.cdevDel(CDEV.at(uart));
        kernel.unregisterChrdevRegion(NUMBER, 1);
        kernel.iounmap(REGISTERS.get(memory, uart));
        kernel.releaseMemRegion(device.registers().address(), device.registers().size());
        kernel.kfree(uart);
    }

    // ---- the file ----

    @Override
    public int write(long file, long from, int count, long position) {
        long registers = REGISTERS.get(memory, CDEV.containerOf(FileLayout.DATA.get(memory, file)));
        int wanted = Math.min(count, PIECE);
        long piece = kernel.kmalloc(PIECE, Gfp.GFP_KERNEL);
        if (piece == 0) {
            return -Errno.ENOMEM;
        }
        int copied = wanted - kernel.copyFromUser(piece, from, wanted);
        for (int i = 0; i < copied; i++) {
            while ((kernel.ioread8(registers + UartRegisters.LSR) & UartRegisters.LSR_THRE) == 0) {
                kernel.cpuRelax();
            }
            kernel.iowrite8(memory.load8(piece + i), registers + UartRegisters.THR);
        }
        kernel.kfree(piece);
        return copied == 0 && wanted != 0 ? -Errno.EFAULT : copied;
    }
}
