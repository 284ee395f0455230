package ferrite.scenarios;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.model.BusPort;
import ferrite.hardware.model.DeviceBuilder;
import ferrite.hardware.model.DeviceModel;
import ferrite.hardware.model.Interrupt;
import ferrite.hardware.model.Register;
import ferrite.hardware.model.RegisterAccess;
import ferrite.hardware.model.TimedEvent;
import ferrite.hardware.model.TransferException;
import ferrite.peripherals.net.Peer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A virtio network card with a {@link Peer} at its cable. Its first deeds are wrong in one way. */
final class HostileNet implements DeviceModel {

    enum Mischief {
        NONE, TX_ID_OUT_OF_RANGE, TX_TWICE, TX_LENGTH, TX_SILENT, RX_ID_OUT_OF_RANGE, RX_TOO_LONG, RX_NEGATIVE_LENGTH,
        RX_SHORT, RX_HEADER_ONLY, RX_SEGMENTED, RX_STRAY, NEEDS_RESET, LOST_INTERRUPTS, SPURIOUS,
        RINGING, ONE_QUEUE, NO_ADDRESS, GROUP_ADDRESS
    }

    private static final int ANSWER_TICKS = 10 * Clock.TICKS_PER_MICROSECOND;
    /** Less than an interrupt handler takes. */
    private static final int RING_TICKS = 10;
    private static final int DRIVER_OK = 4;
    private static final int HEADER = 12;
    private static final int NUM = 16;
    private static final int RECEIVE = 0;
    private static final int TRANSMIT = 1;
    private static final int NEXT = 1;
    private static final int INDIRECT = 4;

    private final Mischief mischief;
    private final Peer peer = new Peer(Peer.DEFAULT_ADDRESS);
    private int wrongDeeds;
    private Register status;
    private Register reasons;
    private Register queue;
    private Register worked;
    private final Register[][] rings = new Register[2][];
    private Interrupt interrupt;
    private TimedEvent work;
    private BusPort port;

    HostileNet(Mischief mischief, int wrongDeeds) {
        this.mischief = mischief;
        this.wrongDeeds = wrongDeeds;
    }

    private boolean is(Mischief which) {
        return mischief == which && wrongDeeds > 0;
    }

    @Override
    public void build(DeviceBuilder device) {
        device.name("hostile").compatible("virtio,mmio");
        device.register("MAGIC", 0x000, 4, RegisterAccess.RO).reset(0x74726976);
        device.register("VERSION", 0x004, 4, RegisterAccess.RO).reset(2);
        device.register("ID", 0x008, 4, RegisterAccess.RO).reset(1);
        Register window = device.register("FEATURES_SEL", 0x014, 4, RegisterAccess.WO);
        device.register("FEATURES", 0x010, 4, RegisterAccess.RO).value(() -> window.get() == 1 ? 1
                : mischief == Mischief.NO_ADDRESS ? 0 : 1 << 5);
        device.register("ACCEPTED", 0x020, 4, RegisterAccess.WO);
        device.register("ACCEPTED_SEL", 0x024, 4, RegisterAccess.WO);
        queue = device.register("QUEUE_SEL", 0x030, 4, RegisterAccess.WO);
        device.register("NUM_MAX", 0x034, 4, RegisterAccess.RO)
                .value(() -> mischief == Mischief.ONE_QUEUE && queue.get() > 0 ? 0 : NUM);
        device.register("NUM", 0x038, 4, RegisterAccess.WO);
        device.register("READY", 0x044, 4, RegisterAccess.RW);
        device.register("NOTIFY", 0x050, 4, RegisterAccess.WO).onWrite(value -> work.scheduleIn(ANSWER_TICKS));
        reasons = device.register("REASONS", 0x060, 4, RegisterAccess.RO);
        device.register("ACK", 0x064, 4, RegisterAccess.WO).onWrite(this::acknowledge);
        status = device.register("STATUS", 0x070, 4, RegisterAccess.RW).onWrite(this::setStatus);
        for (int i = 0; i < rings.length; i++) {
            rings[i] = new Register[] {device.state("desc" + i), device.state("avail" + i), device.state("used" + i),
                device.state("taken" + i), device.state("used index" + i)};
        }
        String[] names = {"DESC", "AVAIL", "USED"};
        for (int i = 0; i < names.length; i++) {
            int ring = i;
            device.register(names[i], 0x080 + 0x10 * i, 4, RegisterAccess.WO)
                    .onWrite(value -> rings[queue.get() & 1][ring].set(value));
            device.register(names[i] + "_HIGH", 0x084 + 0x10 * i, 4, RegisterAccess.WO);
        }
        for (int i = 0; i < 6; i++) {
            device.register("MAC" + i, 0x100 + i, 1, RegisterAccess.RO)
                    .reset(mischief == Mischief.GROUP_ADDRESS ? 0xff : 2 * i + 2);
        }
        worked = device.state("worked");
        interrupt = device.interrupt();
        work = device.event("work", this::work);
        port = device.busMaster(32);
    }

    private void setStatus(int value) {
        if (value == 0) {
            for (Register[] ring : rings) {
                ring[3].set(0);
                ring[4].set(0);
            }
            reasons.set(0);
            interrupt.lower();
            work.cancel();
            if (is(Mischief.RINGING) && worked.get() != 0) {
                work.scheduleIn(RING_TICKS);
            }
        }
        worked.set(worked.get() | value & DRIVER_OK);
    }

    private void acknowledge(int value) {
        reasons.set(reasons.get() & ~value);
        interrupt.set(reasons.get() != 0);
    }

    private void raise(int reason) {
        reasons.set(reasons.get() | reason);
        interrupt.raise();
    }

    // ---- queues ----

    private static long unsigned(int address) {
        return address & 0xffff_ffffL;
    }

    private int load16(long pa) throws TransferException {
        byte[] bytes = new byte[2];
        port.read(pa, bytes, 0, 2);
        return bytes[0] & 0xff | (bytes[1] & 0xff) << 8;
    }

    /** Takes the next chain. Returns its head, or -1. */
    private int take(int number) throws TransferException {
        Register[] ring = rings[number];
        long avail = unsigned(ring[1].get());
        if (ring[3].get() == load16(avail + 2)) {
            return -1;
        }
        int head = load16(avail + 4 + 2L * (ring[3].get() % NUM));
        ring[3].set(ring[3].get() + 1 & 0xffff);
        return head;
    }

    private record Part(long address, int length) { }

    private List<Part> parts(int number, int head) throws TransferException {
        long table = unsigned(rings[number][0].get());
        int place = head;
        if ((load16(table + 16L * head + 12) & INDIRECT) != 0) {
            table = unsigned(port.read32(table + 16L * head));
            place = 0;
        }
        List<Part> parts = new ArrayList<>();
        int flags = NEXT;
        while ((flags & NEXT) != 0) {
            long at = table + 16L * place;
            parts.add(new Part(unsigned(port.read32(at)), port.read32(at + 8)));
            flags = load16(at + 12);
            place = load16(at + 14);
        }
        return parts;
    }

    private void use(int number, int id, int length) throws TransferException {
        Register[] ring = rings[number];
        long used = unsigned(ring[2].get());
        long entry = used + 4 + 8L * (ring[4].get() % NUM);
        port.write32(entry, id);
        port.write32(entry + 4, length);
        int index = ring[4].get() + 1 & 0xffff;
        ring[4].set(index);
        port.write(used + 2, new byte[] {(byte) index, (byte) (index >> 8)}, 0, 2);
    }

    // ---- frames ----

    private void work() {
        boolean works = (status.get() & DRIVER_OK) != 0;
        if (works ? is(Mischief.SPURIOUS) : is(Mischief.RINGING)) {
            raise(1);
            wrongDeeds--;
            work.scheduleIn(works ? ANSWER_TICKS : RING_TICKS);
        }
        if (!works) {
            return;
        }
        try {
            for (int head = take(TRANSMIT); head >= 0; head = take(TRANSMIT)) {
                send(head);
            }
        } catch (TransferException e) {
            throw new IllegalStateException(e);
        }
    }

    private void send(int head) throws TransferException {
        if (is(Mischief.TX_SILENT)) {
            wrongDeeds--;
            return;
        }
        if (is(Mischief.NEEDS_RESET)) {
            wrongDeeds--;
            status.set(status.get() | 0x40);
            raise(2);
            return;
        }
        byte[] frame = new byte[0];
        for (Part part : parts(TRANSMIT, head)) {
            frame = Arrays.copyOf(frame, frame.length + part.length());
            port.read(part.address(), frame, frame.length - part.length(), part.length());
        }
        use(TRANSMIT, is(Mischief.TX_ID_OUT_OF_RANGE) ? 1000 : head, is(Mischief.TX_LENGTH) ? 1 : 0);
        if (is(Mischief.TX_TWICE)) {
            use(TRANSMIT, head, 0);
        }
        byte[] answer = peer.answer(Arrays.copyOfRange(frame, HEADER, frame.length));
        boolean isOfSending = mischief.name().startsWith("TX");
        if (answer != null && (wrongDeeds <= 0 || !isOfSending)) {
            receive(answer);
        }
        wrongDeeds -= isOfSending ? 1 : 0;
        if (!is(Mischief.LOST_INTERRUPTS)) {
            raise(1);
        }
        wrongDeeds -= mischief == Mischief.LOST_INTERRUPTS ? 1 : 0;
    }

    private void receive(byte[] answer) throws TransferException {
        int head = take(RECEIVE);
        if (head < 0) {
            return;
        }
        Part part = parts(RECEIVE, head).get(0);
        byte[] bytes = new byte[is(Mischief.RX_STRAY) ? part.length() + 8 : HEADER + answer.length];
        System.arraycopy(answer, 0, bytes, HEADER, answer.length);
        bytes[1] = (byte) (is(Mischief.RX_SEGMENTED) ? 1 : 0);
        port.write(part.address(), bytes, 0, bytes.length);
        int length = HEADER + answer.length;
        use(RECEIVE, is(Mischief.RX_ID_OUT_OF_RANGE) ? -1 : head, is(Mischief.RX_TOO_LONG) ? part.length() + 1
                : is(Mischief.RX_NEGATIVE_LENGTH) ? -5 : is(Mischief.RX_SHORT) ? 3
                : is(Mischief.RX_HEADER_ONLY) ? HEADER : length);
        wrongDeeds -= mischief.name().startsWith("RX") ? 1 : 0;
    }
}
