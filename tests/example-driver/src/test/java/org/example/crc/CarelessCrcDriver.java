package org.example.crc;

import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import java.util.List;

/** A driver that uses no call for DMA: it gives the engine a physical address, which is not mapped for it. */
final class CarelessCrcDriver implements Driver {

    private KernelCalls kernel;

    @Override
    public String name() {
        return "crc";
    }

    @Override
    public List<String> compatible() {
        return List.of("example,crc");
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
    }

    @Override
    public int probe(Device device) {
        long registers = kernel.devmPlatformIoremapResource(device.dev(), 0);
        long buffer = kernel.devmKzalloc(device.dev(), 64, Gfp.GFP_KERNEL);
        kernel.iowrite32((int) kernel.virtToPhys(buffer), registers + CrcRegisters.ADDRESS);
        kernel.iowrite32(64, registers + CrcRegisters.LENGTH);
        kernel.iowrite32(1, registers + CrcRegisters.START);
        return 0;
    }
}
