package ferrite.hardware.dma;

import java.util.Arrays;

/**
 * The controller as the data sheet tells it, a tick at a time: a model to compare the real one with, which moves bytes
 * as time passes and knows no plans, no watching and no catching up. Addresses in reach only.
 */
final class SteppedController {

    private static final class Channel {
        private int base;
        private int address;
        private int baseCount;
        private int count;
        private int page;
        private boolean toMemory;
        private boolean masked = true;
        private boolean line;
        private boolean asked;
        private boolean terminalCount;
    }

    private final byte[] ram;
    private final TestDevice[] devices;
    private final Channel[] channels = new Channel[4];
    private boolean disabled;
    private boolean high;
    private Channel active;
    private int progress;

    SteppedController(byte[] ram, TestDevice[] devices) {
        this.ram = ram;
        this.devices = devices;
        Arrays.setAll(channels, i -> new Channel());
    }

    void tick() {
        if (active == null || ++progress < 8) {
            return;
        }
        progress = 0;
        TestDevice device = devices[Arrays.asList(channels).indexOf(active)];
        int burst = Math.min(64, Math.min(device.ready, active.count + 1));
        for (int i = 0; i < burst; i++) {
            moveByte(device);
        }
        if (active.count == 0xffff) {
            active.terminalCount = true;
            active.masked = true;
            active.asked = false;
            device.terminalCount();
        }
        choose();
    }

    private void moveByte(TestDevice device) {
        int pa = active.page << 16 | active.address;
        byte[] one = {(byte) 0xff};
        if (active.toMemory) {
            device.supply(one, 0, 1);
            if (pa < ram.length) {
                ram[pa] = one[0];
            }
        } else {
            one[0] = pa < ram.length ? ram[pa] : one[0];
            device.accept(one, 0, 1);
        }
        active.address = active.address + 1 & 0xffff;
        active.count = active.count - 1 & 0xffff;
    }

    private void choose() {
        Channel before = active;
        active = null;
        for (int i = 3; i >= 0; i--) {
            Channel channel = channels[i];
            if (!disabled && (channel.line || channel.asked) && !channel.masked && devices[i].ready > 0) {
                active = channel;
            }
        }
        progress = active == before ? progress : 0;
    }

    void line(int channel, boolean level) {
        channels[channel].line = level;
        choose();
    }

    void store(int port, int value) {
        Channel selected = channels[value & 3];
        if (port < 8) {
            Channel channel = channels[port / 2];
            if (port % 2 == 0) {
                channel.base = high ? channel.base & 0xff | value << 8 : channel.base & 0xff00 | value;
                channel.address = channel.base;
            } else {
                channel.baseCount = high ? channel.baseCount & 0xff | value << 8 : channel.baseCount & 0xff00 | value;
                channel.count = channel.baseCount;
            }
            high = !high;
        }
        switch (port) {
            case 0x08 -> disabled = (value & 4) != 0;
            case 0x09 -> selected.asked = (value & 4) != 0;
            case 0x0a -> selected.masked = (value & 4) != 0;
            case 0x0b -> selected.toMemory = (value & 0xc) == 4;
            case 0x0c -> high = false;
            case 0x0d -> {
                high = false;
                disabled = false;
                for (Channel channel : channels) {
                    channel.masked = true;
                    channel.asked = false;
                    channel.terminalCount = false;
                }
            }
            case 0x0e -> {
                for (Channel channel : channels) {
                    channel.masked = false;
                }
            }
            case 0x0f -> {
                for (int i = 0; i < 4; i++) {
                    channels[i].masked = (value >> i & 1) != 0;
                }
            }
            case 0x87 -> channels[0].page = value;
            case 0x83 -> channels[1].page = value;
            case 0x81 -> channels[2].page = value;
            case 0x82 -> channels[3].page = value;
            default -> { }
        }
        choose();
    }

    int load(int port) {
        int value = peek(port);
        if (port < 8) {
            high = !high;
        } else if (port == 8) {
            for (Channel channel : channels) {
                channel.terminalCount = false;
            }
        }
        return value;
    }

    int peek(int port) {
        if (port < 8) {
            int value = port % 2 == 0 ? channels[port / 2].address : channels[port / 2].count;
            return high ? value >> 8 : value & 0xff;
        }
        int value = 0;
        for (int i = 0; i < 4; i++) {
            Channel channel = channels[i];
            if (port == 8) {
                value |= (channel.terminalCount ? 1 << i : 0) | (channel.line || channel.asked ? 0x10 << i : 0);
            } else {
                value |= channel.masked ? 1 << i : 0;
            }
        }
        return value;
    }
}
