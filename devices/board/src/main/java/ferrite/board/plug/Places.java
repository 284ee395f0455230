package ferrite.board.plug;

import ferrite.board.layout.BoardKind;
import ferrite.board.options.DevicePlug;
import ferrite.hardware.bus.AddressRange;
import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.Region;
import ferrite.hardware.interrupt.Plic;
import ferrite.hardware.report.Hex;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The addresses, interrupts and DMA channels of a board, and which of them are taken. The device tree
 * of the built-in devices says so at first. A place that is given is taken before one that the board chooses, and the
 * board chooses the lowest that is free, so that the same devices always get the same places.
 */
final class Places {

    private static final int[] BYTE_CHANNELS = {1, 3, 0, 2};
    private static final int[] WORD_CHANNELS = {5, 6, 7};
    private static final int STRIDE = 0x1_0000;

    private final BoardKind board;

    private final List<AddressRange> ranges = new ArrayList<>();
    private final Map<Integer, String> interrupts = new TreeMap<>();
    private final Map<Integer, String> channels = new TreeMap<>();

    /** @param builtIn the device tree of the board's own devices */
    Places(BoardKind board, DeviceTreeNode builtIn) {
        this.board = board;
        ranges.add(new AddressRange("the boot ROM", board.bootRom(), STRIDE - board.bootRom() % STRIDE));
        read(builtIn);
    }

    private void read(DeviceTreeNode node) {
        if (node.has("reg") && node.has("compatible") && !node.name().startsWith("cpu")) {
            for (Region region : node.regions()) {
                ranges.add(new AddressRange(node.name(), region.address(), region.size()));
            }
            if (node.has("interrupts")) {
                interrupts.put(node.cell("interrupts"), node.name());
            }
            if (node.has("dmas")) {
                int[] cells = node.cells("dmas");
                for (int i = 1; i < cells.length; i += 2) {
                    channels.put(cells[i], node.name());
                }
            }
        }
        node.children().forEach(this::read);
    }

    // ---- addresses ----

    /** Takes an address that was given. */
    long takeAddress(String name, long at, int bytes) {
        if (at < board.plugs().first() || at + bytes > board.plugs().end()) {
            throw new IllegalArgumentException("at=" + Hex.address(at) + ": the device has " + bytes + " bytes, and "
                    + "the " + board.label() + " board has its devices from "
                    + Hex.address(board.plugs().first()) + " to " + Hex.address(board.plugs().end() - 1));
        }
        AddressRange range = new AddressRange(name, at, bytes);
        AddressRange other = overlapping(range);
        if (other != null) {
            throw new IllegalArgumentException("at=" + Hex.address(at) + ": the device's " + bytes
                    + " bytes overlap " + other.name() + ", which has " + Hex.address(other.base()) + " to "
                    + Hex.address(other.end() - 1) + "; without at= the board chooses a free address");
        }
        ranges.add(range);
        return at;
    }

    /** Chooses the lowest free address. */
    long chooseAddress(String name, int bytes) {
        long end = board.plugs().endOfChosen();
        for (long at = board.plugs().chosen(); at + bytes <= end; at += STRIDE) {
            AddressRange range = new AddressRange(name, at, bytes);
            if (overlapping(range) == null) {
                ranges.add(range);
                return at;
            }
        }
        throw new IllegalArgumentException("no free range of " + bytes + " bytes is left below "
                + Hex.address(end));
    }

    private AddressRange overlapping(AddressRange range) {
        return ranges.stream().filter(other -> range.base() < other.end() && other.base() < range.end()).findFirst()
                .orElse(null);
    }

    // ---- interrupts and channels ----

    /** Takes an interrupt that was given. */
    int takeInterrupt(String name, int number) {
        String other = interrupts.putIfAbsent(number, name);
        if (other != null) {
            throw new IllegalArgumentException("irq=" + number + ": the interrupt is that of " + other
                    + "; without irq= the board chooses a free one");
        }
        return number;
    }

    /** Chooses the lowest free interrupt. */
    int chooseInterrupt(String name) {
        for (int number = 1; number < Plic.SOURCES; number++) {
            if (interrupts.putIfAbsent(number, name) == null) {
                return number;
            }
        }
        throw new IllegalArgumentException("the interrupt controller has " + (Plic.SOURCES - 1)
                + " interrupts, and all are taken");
    }

    /** Takes the DMA channel that was given, or the first free one; -1 for a device without one. */
    int takeChannel(String name, int width, int given) {
        if (width == 0) {
            if (given != DevicePlug.ANY) {
                throw new IllegalArgumentException("dma=" + given + ": the device has no DMA request line");
            }
            return DevicePlug.ANY;
        }
        if (board == BoardKind.VIRT) {
            throw new IllegalArgumentException("the virt board has no DMA controller, which the device needs; --board "
                    + "ferrite has");
        }
        int[] possible = width == 8 ? BYTE_CHANNELS : WORD_CHANNELS;
        for (int channel : possible) {
            if ((given == DevicePlug.ANY || given == channel) && channels.putIfAbsent(channel, name) == null) {
                return channel;
            }
        }
        throw new IllegalArgumentException(given == DevicePlug.ANY ? "all DMA channels of " + width + " bits are taken"
                : channels.containsKey(given) ? "dma=" + given + ": the channel is that of " + channels.get(given)
                : "dma=" + given + ": the device moves " + width + " bits at once, on channels "
                        + (width == 8 ? "0 to 3" : "5 to 7"));
    }
}
