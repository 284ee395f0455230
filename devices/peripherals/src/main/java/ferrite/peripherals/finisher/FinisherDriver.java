package ferrite.peripherals.finisher;

import ferrite.hardware.devicetree.Region;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.PowerOff;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import java.util.List;

/** {@code finisher}: switches the machine off. */
public final class FinisherDriver implements Driver {

    private KernelCalls kernel;
    private long powerOff;

    @Override
    public String name() {
        return "finisher";
    }

    @Override
    public boolean suppressBindAttrs() {
        return true;
    }

    @Override
    public List<String> compatible() {
        return List.of(Finisher.COMPATIBLE);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        powerOff = text.add("finisher_power_off",
                (PowerOff) registers -> kernel.iowrite32(Finisher.PASS, registers));
    }

    @Override
    public int probe(Device device) {
        Region region = device.registers();
        if (kernel.requestMemRegion(region.address(), region.size(), name()) == 0) {
            return -Errno.EBUSY;
        }
        long registers = kernel.ioremap(region.address(), region.size());
        if (registers == 0) {
            kernel.releaseMemRegion(region.address(), region.size());
            return -Errno.ENOMEM;
        }
        device.setDriverData(registers);
        kernel.registerPowerOff(powerOff, registers);
        return 0;
    }

    @Override
    public void remove(Device device) {
        kernel.registerPowerOff(0, 0);
        kernel.iounmap(device.driverData());
        kernel.releaseMemRegion(device.registers().address(), device.registers().size());
    }
}
