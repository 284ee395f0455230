package ferrite.scenarios;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.dma.DmaAddress;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A driver of the network card that sends a frame for each word written to /dev/sender, and makes that mistake. */
final class CarelessNicDriver implements Driver, FileOperations {

    private static final int SIZE = 4;
    private static final int BYTES = 1024;
    private static final int OWN = 1 << 31;
    private static final int ADDRESS_BITS = 32;
    private static final int CONTROL = 0x04;
    private static final int TX_ENABLE = 2;
    private static final int TX_RING = 0x20;
    private static final int TX_SIZE = 0x24;
    private static final int TX_KICK = 0x2c;
    /** The driver's record: registers, ring, device, count of the frames, and a word for a bus address. */
    private static final int RECORD = 20;

    private KernelCalls kernel;
    private KernelMemory memory;
    private long operations;

    @Override
    public String name() {
        return "careless";
    }

    @Override
    public List<String> compatible() {
        return List.of("ferrite,nic");
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        operations = text.add("careless_operations", this);
    }

    @Override
    public int probe(Device device) {
        long dev = device.dev();
        long record = kernel.devmKzalloc(dev, RECORD, Gfp.GFP_KERNEL);
        long registers = kernel.devmPlatformIoremapResource(dev, 0);
        kernel.dmaSetMaskAndCoherent(dev, DmaAddress.bitMask(ADDRESS_BITS));
        long ring = kernel.dmamAllocCoherent(dev, SIZE * 16, record + 16, Gfp.GFP_KERNEL);
        if (record == 0 || registers == 0 || ring == 0) {
            return -Errno.ENOMEM;
        }
        memory.store32(record, (int) registers);
        memory.store32(record + 4, (int) ring);
        memory.store32(record + 8, (int) dev);
        kernel.writel(memory.load32(record + 16), registers + TX_RING);
        kernel.writel(SIZE, registers + TX_SIZE);
        kernel.writel(TX_ENABLE, registers + CONTROL);
        return kernel.cdevAdd("sender", operations, record);
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long word = kernel.kzalloc(count, Gfp.GFP_KERNEL);
        byte[] letters = new byte[count];
        kernel.copyFromUser(word, from, count);
        memory.read(word, letters, 0, count);
        kernel.kfree(word);
        String mistake = new String(letters, StandardCharsets.US_ASCII).strip();
        if (mistake.startsWith("bit")) {
            sendPair(FileLayout.DATA.get(memory, file), mistake.equals("bitfirst"));
        } else {
            send(FileLayout.DATA.get(memory, file), mistake);
        }
        return count;
    }

    /** Returns the next descriptor. */
    private long next(long record) {
        int number = memory.load32(record + 12);
        memory.store32(record + 12, number + 1);
        return memory.loadAddress(record + 4) + number % SIZE * 16L;
    }

    /**
     * Sends a frame twice. The card has sent the first one, and looks, after the first store to the second descriptor.
     */
    private void sendPair(long record, boolean bitFirst) {
        long registers = memory.loadAddress(record);
        long dev = memory.loadAddress(record + 8);
        long data = kernel.kzalloc(BYTES, Gfp.GFP_KERNEL);
        long dma = kernel.dmaMapSingle(dev, data, BYTES, DmaDirection.DMA_TO_DEVICE);
        if (kernel.dmaMappingError(dev, dma) != 0) {
            throw new IllegalStateException("not mapped");
        }
        long first = next(record);
        long second = next(record);
        memory.store32(first, (int) dma);
        memory.store32(first + 4, BYTES);
        kernel.dmaWmb();
        memory.store32(first + 8, OWN);
        kernel.writel(1, registers + TX_KICK);
        if (bitFirst) {
            memory.store32(second + 8, OWN);
            kernel.udelay(100);
        }
        memory.store32(second, (int) dma);
        memory.store32(second + 4, BYTES);
        kernel.dmaWmb();
        if (!bitFirst) {
            kernel.udelay(100);
            memory.store32(second + 8, OWN);
        }
        kernel.writel(1, registers + TX_KICK);
        kernel.msleep(1);
        kernel.dmaUnmapSingle(dev, dma, BYTES, DmaDirection.DMA_TO_DEVICE);
        kernel.kfree(data);
    }

    private void send(long record, String mistake) {
        long registers = memory.loadAddress(record);
        long dev = memory.loadAddress(record + 8);
        long descriptor = next(record);
        long data = kernel.kzalloc(BYTES, Gfp.GFP_KERNEL);
        long dma = kernel.dmaMapSingle(dev, data, BYTES, DmaDirection.DMA_TO_DEVICE);
        if (kernel.dmaMappingError(dev, dma) != 0) {
            throw new IllegalStateException("not mapped");
        }
        memory.store32(descriptor, (int) dma);
        memory.store32(descriptor + 4, BYTES);
        kernel.dmaWmb();
        memory.store32(descriptor + 8, OWN);
        if (mistake.equals("relaxed")) {
            kernel.writelRelaxed(1, registers + TX_KICK);
        } else {
            kernel.writel(1, registers + TX_KICK);
        }
        boolean unmapsEarly = mistake.equals("unmap");
        if (unmapsEarly) {
            kernel.dmaUnmapSingle(dev, dma, BYTES, DmaDirection.DMA_TO_DEVICE);
        }
        if (mistake.equals("store")) {
            memory.store32(data, 1);
        }
        while ((memory.load32(descriptor + 8) & OWN) != 0) {
            kernel.msleep(1);
        }
        kernel.dmaRmb();
        if (mistake.equals("free")) {
            kernel.kfree(data);
        }
        if (!unmapsEarly) {
            kernel.dmaUnmapSingle(dev, dma, BYTES, DmaDirection.DMA_TO_DEVICE);
        }
        if (!mistake.equals("free")) {
            kernel.kfree(data);
        }
    }
}
