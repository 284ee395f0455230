package ferrite.peripherals.finisher;

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
        long registers = kernel.devmPlatformIoremapResource(device.dev(), 0);
        if (registers == 0) {
            return -Errno.EBUSY;
        }
        kernel.registerPowerOff(powerOff, registers);
        return 0;
    }

    @Override
    public void remove(Device device) {
        kernel.registerPowerOff(0, 0);
    }
}
