package ferrite.kernel.net;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.DriverApi;
import java.util.Locale;
import java.util.StringJoiner;

/** Numbers of Ethernet frames, and the bytes of packets: numbers on the net have their high byte first. */
@DriverApi
public final class Ethernet {

    /** Bytes of a hardware address, of the header, and of the data of a frame. */
    public static final int ETH_ALEN = 6;
    public static final int ETH_HLEN = 14;
    public static final int ETH_DATA_LEN = 1500;

    public static final int ETH_P_IP = 0x0800;
    public static final int ETH_P_ARP = 0x0806;

    /** The place of the protocol in a header; before it are the receiver's and the sender's address. */
    public static final int PROTOCOL = 12;

    private Ethernet() { }

    /** Loads 16 bits of a packet, at any address. Any context. */
    public static int load16(ReadableMemory memory, long va) {
        return memory.load8(va) << 8 | memory.load8(va + 1);
    }

    /** Stores 16 bits of a packet, at any address. Any context. */
    public static void store16(KernelMemory memory, long va, int value) {
        memory.store8(va, value >>> 8);
        memory.store8(va + 1, value);
    }

    /** Loads 32 bits of a packet, at any address. Any context. */
    public static int load32(ReadableMemory memory, long va) {
        return load16(memory, va) << 16 | load16(memory, va + 2);
    }

    /** Stores 32 bits of a packet, at any address. Any context. */
    public static void store32(KernelMemory memory, long va, int value) {
        store16(memory, va, value >>> 16);
        store16(memory, va + 2, value);
    }

    /** Returns the Internet's checksum of bytes: 0 if they contain their right sum. Any context. */
    public static int checksum(ReadableMemory memory, long va, int bytes) {
        int sum = 0;
        for (int i = 0; i + 1 < bytes; i += 2) {
            sum += load16(memory, va + i);
        }
        if ((bytes & 1) != 0) {
            sum += memory.load8(va + bytes - 1) << 8;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return ~sum & 0xffff;
    }

    /** Formats a hardware address as {@code ifconfig} does. */
    public static String text(ReadableMemory memory, long va) {
        StringJoiner text = new StringJoiner(":");
        for (int i = 0; i < ETH_ALEN; i++) {
            text.add(String.format(Locale.ROOT, "%02x", memory.load8(va + i)));
        }
        return text.toString();
    }
}
