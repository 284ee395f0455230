package ferrite.peripherals.uart;

import ferrite.hardware.devicetree.Region;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import java.util.List;

/** {@code uart}: /dev/ttyS0, to write to. */
public final class UartDriver implements Driver, FileOperations {

    private KernelCalls kernel;
    private KernelMemory memory;
    private long operations;

    @Override
    public String name() {
        return "uart";
    }

    @Override
    public List<String> compatible() {
        return List.of(Uart.COMPATIBLE);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        operations = text.add("uart_operations", this);
    }

    @Override
    public int probe(Device device) {
        Region region = device.registers();
        if (kernel.requestMemRegion(region.address(), region.size(), name()) == 0) {
            return -Errno.EBUSY;
        }
        int result = mapRegisters(device);
        if (result < 0) {
            kernel.releaseMemRegion(region.address(), region.size());
        }
        return result;
    }

    private int mapRegisters(Device device) {
        long registers = kernel.ioremap(device.registers().address(), device.registers().size());
        if (registers == 0) {
            return -Errno.ENOMEM;
        }
        device.setDriverData(registers);
        int result = kernel.cdevAdd("ttyS0", operations, registers);
        if (result < 0) {
            kernel.iounmap(registers);
        }
        return result;
    }

    @Override
    public void remove(Device device) {
        kernel.cdevDel("ttyS0");
        kernel.iounmap(device.driverData());
        kernel.releaseMemRegion(device.registers().address(), device.registers().size());
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long registers = FileLayout.DATA.get(memory, file);
        for (int i = 0; i < count; i++) {
            while ((kernel.ioread8(registers + UartRegisters.LSR) & UartRegisters.LSR_THRE) == 0) {
                kernel.cpuRelax();
            }
            kernel.iowrite8(memory.load8(from + i), registers + UartRegisters.THR);
        }
        return count;
    }
}
