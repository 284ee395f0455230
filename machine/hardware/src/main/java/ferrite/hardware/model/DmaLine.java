package ferrite.hardware.model;

import ferrite.hardware.dma.DmaBytes;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.dma.DmaRequester;
import ferrite.hardware.interrupt.IrqLine;

/** The request line (DREQ) of a device to a channel of the DMA controller. */
public final class DmaLine {

    private final ModelDevice device;
    private final int width;
    private final DmaTransfers transfers;
    private IrqLine line;

    DmaLine(ModelDevice device, int width, DmaTransfers transfers) {
        this.device = device;
        this.width = width;
        this.transfers = transfers;
    }

    /** Sets the request line. Setting it again tells the controller that more bytes are ready. */
    public void request() {
        device.requireCall();
        line.set(true);
    }

    /** Drops the request line. */
    public void drop() {
        device.requireCall();
        line.set(false);
    }

    /** Returns the width of a transfer in bits: 8 on channels 0 to 3, 16 on channels 5 to 7. */
    public int width() {
        return width;
    }

    void connect(DmaController controller, int channel) {
        line = controller.connect(channel, new Requester());
    }

    /** The channel's calls of the model. After a failure the bytes are zero, and the machine stops. */
    private final class Requester implements DmaRequester {

        @Override
        public String name() {
            return device.name();
        }

        @Override
        public String request() {
            String told = device.request();
            return told == null ? device.name() : told;
        }

        @Override
        public int ready() {
            return device.call(() -> {
                int ready = transfers.ready();
                if (ready < 0 || ready % (width / 8) != 0) {
                    throw new ModelException("ready() returns " + ready + ", and a transfer has " + width + " bits");
                }
                return ready;
            }, 0, () -> "when the DMA controller asked for its bytes");
        }

        @Override
        public void supply(DmaBytes bus, int length) {
            byte[] bytes = new byte[length];
            device.call(() -> transfers.supply(bytes, 0, length),
                    () -> "when it supplied " + length + " bytes by DMA");
            bus.put(bytes, 0, length);
        }

        @Override
        public void accept(DmaBytes bus, int length) {
            byte[] bytes = new byte[length];
            bus.get(bytes, 0, length);
            device.call(() -> transfers.accept(bytes, 0, length),
                    () -> "when it accepted " + length + " bytes by DMA");
        }

        @Override
        public void terminalCount() {
            device.call(transfers::terminalCount, () -> "at the terminal count of its DMA channel");
        }
    }
}
