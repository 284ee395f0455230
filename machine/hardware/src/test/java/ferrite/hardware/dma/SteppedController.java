package ferrite.hardware.dma;

import java.util.ArrayList;
import java.util.List;

/**
 * A model of the pair as the data sheet describes it, one tick and one transfer at a time. The real controller is
 * compared with it. The model moves bytes as time passes, without plans, watches or catching up. It handles addresses
 * in reach only.
 */
final class SteppedController {

    private static final int SINGLE = 1;
    private static final int BLOCK = 2;
    private static final int CASCADE = 3;
    private static final int VERIFY = 0;
    private static final int WRITE = 1;
    private static final int ILLEGAL = 3;

    private static final class Channel {
        private final int number;
        private int base;
        private int address;
        private int baseCount;
        private int count;
        private int page;
        private int mode;
        private boolean masked = true;
        private boolean line;
        private boolean asked;
        private boolean terminalCount;

        Channel(int number) {
            this.number = number;
        }

        int select() {
            return mode >> 6;
        }

        int type() {
            return mode >> 2 & 3;
        }

        boolean auto() {
            return (mode & 0x10) != 0;
        }

        int width() {
            return number < 4 ? 1 : 2;
        }

        int pa() {
            return number < 4 ? page << 16 | address : (page & 0xfe) << 16 | address << 1;
        }

        void step(boolean hold) {
            if (!hold) {
                address = address + ((mode & 0x20) != 0 ? -1 : 1) & 0xffff;
            }
            count = count - 1 & 0xffff;
        }

        void begin() {
            address = base;
            count = baseCount;
        }
    }

    private final class Chip {
        private final List<Channel> channels = new ArrayList<>();
        private int command;
        private int temporary;
        private boolean high;
        private int modeCounter;
        private int lastServed = 3;
        private Channel service;

        Chip(int first) {
            for (int i = 0; i < 4; i++) {
                channels.add(new Channel(first + i));
            }
        }

        boolean disabled() {
            return (command & 4) != 0;
        }

        boolean memoryToMemory() {
            return (command & 1) != 0;
        }

        boolean isPair(Channel channel) {
            return memoryToMemory() && channel.number < 2;
        }

        boolean wants(Channel channel) {
            if (disabled()) {
                return false;
            }
            if (isPair(channel)) {
                return channel.number == 0 && channel.asked;
            }
            boolean byLine = channel.line && !channel.masked && (channel.select() == CASCADE || ready(channel));
            return byLine || channel.asked && channel.select() == BLOCK;
        }

        boolean serviceGoesOn() {
            if (service == null) {
                return false;
            }
            return service.select() == BLOCK && !isPair(service) ? !disabled() : wants(service);
        }

        boolean anyRequest() {
            return serviceGoesOn() || channels.stream().anyMatch(this::wants);
        }

        Channel grant() {
            if (serviceGoesOn()) {
                return service;
            }
            service = null;
            for (int i = 0; i < 4; i++) {
                Channel channel = channels.get((command & 0x10) != 0 ? (lastServed + 1 + i) % 4 : i);
                if (wants(channel)) {
                    service = channel.select() == SINGLE && !isPair(channel) ? null : channel;
                    return channel;
                }
            }
            return null;
        }

        void drop(Channel channel) {
            service = service == channel ? null : service;
        }
    }

    private final byte[] ram;
    private final TestDevice[] devices;
    private final Chip first = new Chip(0);
    private final Chip second = new Chip(4);
    private final Channel cascade = second.channels.get(0);
    private Channel bus;
    private int progress;
    /** Whether the last tick ended a burst. */
    boolean burst;

    SteppedController(byte[] ram, TestDevice[] devices) {
        this.ram = ram;
        this.devices = devices;
    }

    private boolean ready(Channel channel) {
        return devices[channel.number] != null && devices[channel.number].ready >= channel.width();
    }

    private Chip chipOf(Channel channel) {
        return channel.number < 4 ? first : second;
    }

    private Channel channel(int number) {
        return (number < 4 ? first : second).channels.get(number % 4);
    }

    // ---- the bus ----

    private Channel grant() {
        if (!first.serviceGoesOn()) {
            first.service = null;
            second.drop(cascade);
        }
        cascade.line = first.anyRequest();
        Channel channel = second.grant();
        return channel == cascade ? first.grant() : channel;
    }

    private void choose() {
        bus = grant();
        if (bus != null && bus.select() == CASCADE) {
            bus = null;
        }
        progress = bus == null ? 0 : progress;
    }

    void tick() {
        burst = false;
        if (bus == null || ++progress < 8) {
            return;
        }
        burst = true;
        progress = 0;
        for (int left = 64; left > 0; ) {
            Channel channel = grant();
            if (channel == null || channel.select() == CASCADE || channel.width() > left) {
                break;
            }
            left -= channel.width();
            transfer(channel);
        }
        choose();
    }

    private void transfer(Channel channel) {
        Chip chip = chipOf(channel);
        chip.lastServed = channel.number % 4;
        if (chip == first) {
            second.lastServed = 0;
        }
        if (chip.isPair(channel)) {
            memoryToMemory(channel, first.channels.get(1));
            return;
        }
        TestDevice device = devices[channel.number];
        byte[] data = {(byte) 0xff, (byte) 0xff};
        if (channel.type() == WRITE) {
            if (ready(channel)) {
                device.supply(TestDevice.bus(data), channel.width());
            }
            for (int i = 0; i < channel.width(); i++) {
                put(channel.pa() + i, data[i]);
            }
        } else if (channel.type() != VERIFY) {
            for (int i = 0; i < channel.width(); i++) {
                data[i] = get(channel.pa() + i);
            }
            if (ready(channel)) {
                device.accept(TestDevice.bus(data), channel.width());
            }
        }
        channel.step(false);
        if (channel.count == 0xffff) {
            channel.asked = false;
            end(channel);
            chip.drop(channel);
            device.terminalCount();
        }
    }

    private void memoryToMemory(Channel from, Channel to) {
        first.temporary = get(from.pa()) & 0xff;
        put(to.pa(), (byte) first.temporary);
        from.step((first.command & 2) != 0);
        to.step(false);
        if (from.count == 0xffff && from.auto()) {
            from.begin();
        }
        if (to.count == 0xffff) {
            from.asked = false;
            end(to);
            first.drop(from);
        }
    }

    private static void end(Channel channel) {
        channel.terminalCount = true;
        if (channel.auto()) {
            channel.begin();
        } else {
            channel.masked = true;
        }
    }

    private byte get(int pa) {
        return pa < ram.length ? ram[pa] : (byte) 0xff;
    }

    private void put(int pa, byte value) {
        if (pa < ram.length) {
            ram[pa] = value;
        }
    }

    // ---- actions of devices and software ----

    void line(int number, boolean level) {
        channel(number).line = level;
        choose();
    }

    /** Tells whether the controller must refuse this store. */
    boolean refuses(int port, int value) {
        if (port >= 0x80 && port < 0xc0) {
            return false;
        }
        Chip chip = port < 0x10 ? first : second;
        int register = port < 0x10 ? port : port - 0xc0 >> 1;
        Channel selected = chip.channels.get(value & 3);
        boolean pairMoves = first.channels.get(0).asked;
        return switch (register) {
            case 0x8 -> (value & 1) != 0 && (chip == second || pairMoves && !pairIsSetUp());
            case 0x9 -> (value & 4) != 0
                    && (chip.isPair(selected) ? selected.number == 1 || !pairIsSetUp() : selected.select() != BLOCK);
            case 0xb -> {
                int select = value >> 6 & 3;
                int type = value >> 2 & 3;
                yield selected == cascade && select != CASCADE || select != CASCADE && type == ILLEGAL
                        || chip.isPair(selected) && pairMoves && type == VERIFY;
            }
            default -> false;
        };
    }

    private boolean pairIsSetUp() {
        Channel from = first.channels.get(0);
        return from.select() == BLOCK && from.type() != VERIFY && first.channels.get(1).type() != VERIFY;
    }

    void store(int port, int value) {
        switch (port) {
            case 0x87 -> channel(0).page = value;
            case 0x83 -> channel(1).page = value;
            case 0x81 -> channel(2).page = value;
            case 0x82 -> channel(3).page = value;
            case 0x8b -> channel(5).page = value;
            case 0x89 -> channel(6).page = value;
            case 0x8a -> channel(7).page = value;
            default -> storeChip(port < 0x10 ? first : second, port < 0x10 ? port : port - 0xc0 >> 1, value);
        }
        choose();
    }

    private void storeChip(Chip chip, int register, int value) {
        Channel selected = chip.channels.get(value & 3);
        boolean set = (value & 4) != 0;
        switch (register) {
            case 0x8 -> {
                if (((chip.command ^ value) & 5) != 0) {
                    chip.service = null;
                }
                chip.command = value;
            }
            case 0x9 -> {
                selected.asked = set;
                if (!set) {
                    chip.drop(selected);
                }
            }
            case 0xa -> mask(chip, selected, set);
            case 0xb -> {
                chip.drop(selected);
                selected.mode = value & 0xfc;
            }
            case 0xc -> chip.high = false;
            case 0xd -> {
                chip.command = 0;
                chip.temporary = 0;
                chip.high = false;
                chip.modeCounter = 0;
                chip.lastServed = 3;
                chip.service = null;
                for (Channel channel : chip.channels) {
                    channel.masked = true;
                    channel.asked = false;
                    channel.terminalCount = false;
                }
            }
            case 0xe -> chip.channels.forEach(channel -> mask(chip, channel, false));
            case 0xf -> chip.channels.forEach(channel -> mask(chip, channel, (value >> channel.number % 4 & 1) != 0));
            default -> counter(chip, chip.channels.get(register / 2), register % 2 == 0, value);
        }
    }

    private static void mask(Chip chip, Channel channel, boolean masked) {
        channel.masked = masked;
        if (masked) {
            chip.drop(channel);
        }
    }

    private static void counter(Chip chip, Channel channel, boolean address, int value) {
        int old = address ? channel.base : channel.baseCount;
        int written = chip.high ? old & 0xff | value << 8 : old & 0xff00 | value;
        chip.high = !chip.high;
        if (address) {
            channel.base = written;
            channel.address = written;
        } else {
            channel.baseCount = written;
            channel.count = written;
        }
    }

    int load(int port) {
        int value = peek(port);
        Chip chip = port < 0x10 ? first : second;
        int register = port < 0x10 ? port : port - 0xc0 >> 1;
        switch (register) {
            case 0x8 -> chip.channels.forEach(channel -> channel.terminalCount = false);
            case 0xb -> chip.modeCounter = chip.modeCounter + 1 & 3;
            case 0xc -> chip.high = true;
            case 0xe -> chip.modeCounter = 0;
            default -> chip.high = chip.high != register < 8;
        }
        return value;
    }

    int peek(int port) {
        Chip chip = port < 0x10 ? first : second;
        int register = port < 0x10 ? port : port - 0xc0 >> 1;
        if (register < 8) {
            Channel channel = chip.channels.get(register / 2);
            int value = register % 2 == 0 ? channel.address : channel.count;
            return chip.high ? value >> 8 : value & 0xff;
        }
        int status = 0;
        int requests = 0xf0;
        int masks = 0xf0;
        for (Channel channel : chip.channels) {
            int bit = 1 << channel.number % 4;
            status |= (channel.terminalCount ? bit : 0) | (channel.line || channel.asked ? bit << 4 : 0);
            requests |= channel.asked ? bit : 0;
            masks |= channel.masked ? bit : 0;
        }
        return switch (register) {
            case 0x8 -> status;
            case 0x9 -> requests;
            case 0xa -> chip.command;
            case 0xb -> chip.channels.get(chip.modeCounter).mode | 3;
            case 0xd -> chip.temporary;
            case 0xf -> masks;
            default -> 0xff;
        };
    }
}
