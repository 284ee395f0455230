package ferrite.peripherals.uart;

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
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long registers = FileLayout.DATA.get(memory, file);
        for (int i = 0; i < count; i++) {
            while ((memory.load8(registers + UartRegisters.LSR) & UartRegisters.LSR_THRE) == 0) {
                kernel.cpuRelax();
            }
            memory.store8(registers + UartRegisters.THR, memory.load8(from + i));
        }
        return count;
    }
}
