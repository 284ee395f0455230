package ferrite.board.options;

import ferrite.hardware.report.Hex;
import ferrite.kernel.net.InternetAddress;
import ferrite.peripherals.net.Peer;
import ferrite.peripherals.virtio.VirtioNet;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;

/**
 * A network card, and the captures (pcap files) or the host at the other end of its cable.
 *
 * @param in    the file whose frames it receives; null for none
 * @param out   the file that takes the frames that it sends, and those of the peer; null if they are lost
 * @param first the time of the first frame in nanoseconds since power-on, or {@link #AS_CAPTURED}
 * @param mac   the card's address in 48 bits, its first byte highest
 * @param peer  the Internet address of a host that answers, as an unsigned number, or {@link #NO_PEER}
 * @param card  the kind of the card
 */
public record NetPlug(Path in, Path out, long first, long mac, long peer, NetCard card) {

    /** The times in the file count from power-on. */
    public static final long AS_CAPTURED = -1;
    public static final long NO_PEER = InternetAddress.NONE;

    private static final String FORM = "in=PCAP,out=PCAP[,first=SECONDS][,mac=52:54:00:12:34:56][,card=nic] is "
            + "expected, with at least one of the two files, or peer[=ADDRESS][,out=PCAP][,mac=52:54:00:12:34:56]"
            + "[,card=nic]";
    private static final String PEER = "peer";
    private static final long MULTICAST_NETS = 0xe000_0000L;
    private static final int NANOSECOND_DIGITS = 9;
    private static final long MULTICAST = 0x0100_0000_0000L;

    /**
     * Reads the option {@code --net}.
     *
     * @throws IllegalArgumentException with a sentence
     */
    static NetPlug of(String text) {
        Path in = null;
        Path out = null;
        long first = AS_CAPTURED;
        long mac = -1;
        long peer = NO_PEER;
        NetCard card = null;
        for (String part : text.split(",", -1)) {
            String value = part.substring(part.indexOf('=') + 1);
            if (part.startsWith("in=") && in == null) {
                in = MachineOptions.path(value);
            } else if (part.startsWith("out=") && out == null) {
                out = MachineOptions.path(value);
            } else if (part.startsWith("first=") && first == AS_CAPTURED) {
                first = nanoseconds(value);
            } else if (part.startsWith("mac=") && mac < 0) {
                mac = address(value);
            } else if (part.startsWith("card=") && card == null) {
                card = NetCard.of(value);
            } else if ((part.equals(PEER) || part.startsWith(PEER + "=")) && peer == NO_PEER) {
                peer = part.equals(PEER) ? Peer.DEFAULT_ADDRESS : host(value);
            } else {
                throw new IllegalArgumentException(FORM);
            }
        }
        if (in == null && out == null && peer == NO_PEER) {
            throw new IllegalArgumentException(FORM);
        }
        if (in == null && first != AS_CAPTURED) {
            throw new IllegalArgumentException("first= is about the frames of in=PCAP");
        }
        if (in != null && peer != NO_PEER) {
            throw new IllegalArgumentException("in= and peer are both at the other end of the one cable; one of them "
                    + "is expected");
        }
        return new NetPlug(in, out, first, mac < 0 ? VirtioNet.DEFAULT_MAC : mac, peer,
                card == null ? NetCard.VIRTIO : card);
    }

    private static long nanoseconds(String text) {
        if (!text.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
            throw new IllegalArgumentException("first=" + text + ": seconds after power-on are expected, such as 1.5");
        }
        return new BigDecimal(text).movePointRight(NANOSECOND_DIGITS).longValueExact();
    }

    private static long address(String text) {
        long address = text.matches("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")
                ? Long.parseLong(text.replace(":", ""), 16) : 0;
        if (address == 0 || (address & MULTICAST) != 0) {
            throw new IllegalArgumentException("mac=" + text + ": the address of one card is expected, such as "
                    + "52:54:00:12:34:56");
        }
        return address;
    }

    private static long host(String text) {
        long address = InternetAddress.parse(text);
        if (address <= 0 || address >= MULTICAST_NETS) {
            throw new IllegalArgumentException("peer=" + text + ": the address of one host is expected, such as "
                    + InternetAddress.text(Peer.DEFAULT_ADDRESS));
        }
        return address;
    }

    /** Returns the text of the option. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (peer != NO_PEER) {
            text.append(",peer").append(peer == Peer.DEFAULT_ADDRESS ? "" : "=" + InternetAddress.text((int) peer));
        }
        if (in != null) {
            text.append(",in=").append(in);
        }
        if (out != null) {
            text.append(",out=").append(out);
        }
        if (first != AS_CAPTURED) {
            text.append(",first=").append(BigDecimal.valueOf(first, NANOSECOND_DIGITS)
                    .setScale(NANOSECOND_DIGITS, RoundingMode.UNNECESSARY).stripTrailingZeros().toPlainString());
        }
        if (mac != VirtioNet.DEFAULT_MAC) {
            text.append(",mac=").append(Hex.digits(mac, 2 * VirtioNet.MAC_BYTES).replaceAll("(..)(?!$)", "$1:"));
        }
        if (card != NetCard.VIRTIO) {
            text.append(",card=").append(card.word());
        }
        return text.substring(1);
    }
}
