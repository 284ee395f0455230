package ferrite.peripherals.net;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A small host with one Internet address. It answers ARP (RFC 826) and echo requests (RFC 792), and sends back the data
 * of UDP port 7 (RFC 862). It keeps nothing between two frames. It has no answer to anything else, to packets in pieces
 * or with options, or to wrong checksums.
 */
public final class Peer {

    /** 10.0.0.2. */
    public static final int DEFAULT_ADDRESS = 0x0a00_0002;

    private static final int MAC_BYTES = 6;
    private static final int SENDER = 6;
    private static final int TYPE = 12;
    private static final int PAYLOAD = Wire.HEADER_BYTES;
    private static final short TYPE_ARP = 0x0806;
    private static final short TYPE_IP = 0x0800;

    /** Hardware type 1, protocol type, lengths 6 and 4 of the addresses, operation. */
    private static final long ARP_REQUEST = 0x0001_0800_0604_0001L;
    private static final int ARP_BYTES = 28;
    private static final int ARP_OPERATION = PAYLOAD + 6;
    private static final int ARP_SENDER = PAYLOAD + 8;
    private static final int ARP_TARGET = PAYLOAD + 18;
    private static final short ARP_REPLY = 2;

    private static final byte VERSION_4_WITHOUT_OPTIONS = 0x45;
    private static final int IP_BYTES = 20;
    private static final int LENGTH = PAYLOAD + 2;
    private static final int FRAGMENT = PAYLOAD + 6;
    private static final int FRAGMENT_MASK = 0x3fff;
    private static final int TTL = PAYLOAD + 8;
    private static final int PROTOCOL = PAYLOAD + 9;
    private static final int IP_CHECKSUM = PAYLOAD + 10;
    private static final int SOURCE = PAYLOAD + 12;
    private static final int DESTINATION = PAYLOAD + 16;
    private static final byte DEFAULT_TTL = 64;
    private static final int MESSAGE = PAYLOAD + IP_BYTES;

    private static final int ICMP = 1;
    private static final int ICMP_BYTES = 8;
    private static final byte ECHO = 8;
    private static final byte ECHO_REPLY = 0;
    private static final int ICMP_CHECKSUM = MESSAGE + 2;

    private static final int UDP = 17;
    private static final int UDP_BYTES = 8;
    private static final short ECHO_PORT = 7;
    private static final int UDP_LENGTH = MESSAGE + 4;
    private static final int UDP_CHECKSUM = MESSAGE + 6;

    private final int address;
    private final byte[] mac;

    /** @param address the Internet address. The hardware address is 52:55 and its four bytes */
    public Peer(int address) {
        this.address = address;
        this.mac = ByteBuffer.allocate(MAC_BYTES).putShort((short) 0x5255).putInt(address).array();
    }

    /** Returns the Internet address. */
    int address() {
        return address;
    }

    /** Returns the answer to a frame; null if there is none. */
    public byte[] answer(byte[] frame) {
        ByteBuffer question = ByteBuffer.wrap(frame);
        return switch (question.getShort(TYPE)) {
            case TYPE_ARP -> answerArp(question);
            case TYPE_IP -> Arrays.equals(frame, 0, MAC_BYTES, mac, 0, MAC_BYTES) ? answerPacket(question) : null;
            default -> null;
        };
    }

    private byte[] answerArp(ByteBuffer question) {
        if (question.limit() < PAYLOAD + ARP_BYTES || question.getLong(PAYLOAD) != ARP_REQUEST
                || question.getInt(ARP_TARGET + MAC_BYTES) != address) {
            return null;
        }
        ByteBuffer answer = turned(question, PAYLOAD + ARP_BYTES);
        answer.putShort(ARP_OPERATION, ARP_REPLY);
        answer.put(ARP_TARGET, question.array(), ARP_SENDER, MAC_BYTES + Integer.BYTES);
        answer.put(ARP_SENDER, mac).putInt(ARP_SENDER + MAC_BYTES, address);
        return answer.array();
    }

    /** Copies the first bytes of a frame, and addresses them to its sender. */
    private ByteBuffer turned(ByteBuffer frame, int bytes) {
        ByteBuffer copy = ByteBuffer.wrap(Arrays.copyOf(frame.array(), bytes));
        copy.put(0, frame.array(), SENDER, MAC_BYTES).put(SENDER, mac);
        return copy;
    }

    private byte[] answerPacket(ByteBuffer question) {
        int bytes = question.limit() < MESSAGE ? 0 : question.getShort(LENGTH) & 0xffff;
        boolean right = bytes >= IP_BYTES && PAYLOAD + bytes <= question.limit()
                && question.get(PAYLOAD) == VERSION_4_WITHOUT_OPTIONS && question.getInt(DESTINATION) == address
                && (question.getShort(FRAGMENT) & FRAGMENT_MASK) == 0 && sum(question, PAYLOAD, IP_BYTES, 0) == 0;
        if (!right) {
            return null;
        }
        ByteBuffer answer = turned(question, PAYLOAD + bytes);
        answer.putInt(SOURCE, address).putInt(DESTINATION, question.getInt(SOURCE)).put(TTL, DEFAULT_TTL);
        answer.putShort(IP_CHECKSUM, (short) 0);
        answer.putShort(IP_CHECKSUM, (short) sum(answer, PAYLOAD, IP_BYTES, 0));
        int length = bytes - IP_BYTES;
        boolean answered = switch (question.get(PROTOCOL) & 0xff) {
            case ICMP -> echo(answer, length);
            case UDP -> echoDatagram(answer, length);
            default -> false;
        };
        return answered ? answer.array() : null;
    }

    /** Makes an echo request its answer. Returns false if it is none. */
    private static boolean echo(ByteBuffer packet, int length) {
        if (length < ICMP_BYTES || packet.getShort(MESSAGE) != ECHO << 8 || sum(packet, MESSAGE, length, 0) != 0) {
            return false;
        }
        packet.put(MESSAGE, ECHO_REPLY).putShort(ICMP_CHECKSUM, (short) 0);
        packet.putShort(ICMP_CHECKSUM, (short) sum(packet, MESSAGE, length, 0));
        return true;
    }

    /** Exchanges the ports of a datagram to port 7. Returns false if it is none. A checksum of 0 means none. */
    private static boolean echoDatagram(ByteBuffer packet, int length) {
        boolean right = length >= UDP_BYTES && packet.getShort(MESSAGE + 2) == ECHO_PORT
                && (packet.getShort(UDP_LENGTH) & 0xffff) == length
                && (packet.getShort(UDP_CHECKSUM) == 0 || datagramSum(packet, length) == 0);
        if (right) {
            // the sum of the datagram stays the same: the same words have other places
            packet.putShort(MESSAGE + 2, packet.getShort(MESSAGE)).putShort(MESSAGE, ECHO_PORT);
        }
        return right;
    }

    private static int datagramSum(ByteBuffer packet, int length) {
        return sum(packet, SOURCE, 2 * Integer.BYTES + length, UDP + length);
    }

    /** Returns the Internet's checksum (RFC 1071). It is 0 if the bytes contain the right one. */
    private static int sum(ByteBuffer packet, int from, int bytes, int first) {
        int sum = first;
        for (int i = 0; i < bytes; i++) {
            sum += (packet.get(from + i) & 0xff) << (i % 2 == 0 ? 8 : 0);
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return ~sum & 0xffff;
    }
}
