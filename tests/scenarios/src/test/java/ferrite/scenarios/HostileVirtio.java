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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A virtio block device, full of the letter A. Its first answers are wrong in one way. */
final class HostileVirtio implements DeviceModel {

    enum Mischief {
        NONE, ID_OUT_OF_RANGE, NEGATIVE_ID, NOT_A_HEAD, TWICE, TOO_LONG, NEGATIVE_LENGTH, MANY, SHORT, SILENT,
        LOST_INTERRUPT, SPURIOUS, STRAY, NO_STATUS, REFUSES_FEATURES, LEGACY, ODD_QUEUE, TINY_QUEUE,
        HUGE_QUEUE
    }

    private static final int ANSWER_TICKS = 10 * Clock.TICKS_PER_MICROSECOND;
    private static final int SECTORS = 64;
    private static final int NEXT = 1;
    private static final int WRITE = 2;

    private final Mischief mischief;
    private int wrongAnswers;
    private Register status;
    private Register reasons;
    private Register num;
    private Register desc;
    private Register avail;
    private Register used;
    private Register taken;
    private Register usedIndex;
    private Interrupt interrupt;
    private TimedEvent answer;
    private BusPort port;

    private record Part(long address, int length, boolean written) { }

    HostileVirtio(Mischief mischief, int wrongAnswers) {
        this.mischief = mischief;
        this.wrongAnswers = wrongAnswers;
    }

    private boolean is(Mischief which) {
        return mischief == which && wrongAnswers > 0;
    }

    @Override
    public void build(DeviceBuilder device) {
        device.name("hostile").compatible("virtio,mmio");
        device.register("MAGIC", 0x000, 4, RegisterAccess.RO).reset(0x74726976);
        device.register("VERSION", 0x004, 4, RegisterAccess.RO).reset(mischief == Mischief.LEGACY ? 1 : 2);
        device.register("ID", 0x008, 4, RegisterAccess.RO).reset(2);
        Register window = device.register("FEATURES_SEL", 0x014, 4, RegisterAccess.WO);
        device.register("FEATURES", 0x010, 4, RegisterAccess.RO).value(() -> window.get() == 1 ? 1 : 1 << 2);
        device.register("ACCEPTED", 0x020, 4, RegisterAccess.WO);
        device.register("ACCEPTED_SEL", 0x024, 4, RegisterAccess.WO);
        device.register("QUEUE_SEL", 0x030, 4, RegisterAccess.WO);
        device.register("NUM_MAX", 0x034, 4, RegisterAccess.RO).reset(mischief == Mischief.ODD_QUEUE ? 12
                : mischief == Mischief.TINY_QUEUE ? 2 : mischief == Mischief.HUGE_QUEUE ? 1 << 30 : 32);
        num = device.register("NUM", 0x038, 4, RegisterAccess.WO);
        device.register("READY", 0x044, 4, RegisterAccess.RW);
        device.register("NOTIFY", 0x050, 4, RegisterAccess.WO).onWrite(value -> answer.scheduleIn(ANSWER_TICKS));
        reasons = device.register("REASONS", 0x060, 4, RegisterAccess.RO);
        device.register("ACK", 0x064, 4, RegisterAccess.WO).onWrite(this::acknowledge);
        status = device.register("STATUS", 0x070, 4, RegisterAccess.RW).onWrite(this::setStatus);
        desc = device.register("DESC", 0x080, 4, RegisterAccess.WO);
        device.register("DESC_HIGH", 0x084, 4, RegisterAccess.WO);
        avail = device.register("AVAIL", 0x090, 4, RegisterAccess.WO);
        device.register("AVAIL_HIGH", 0x094, 4, RegisterAccess.WO);
        used = device.register("USED", 0x0a0, 4, RegisterAccess.WO);
        device.register("USED_HIGH", 0x0a4, 4, RegisterAccess.WO);
        device.register("CAPACITY", 0x100, 4, RegisterAccess.RO).reset(SECTORS);
        device.register("CAPACITY_HIGH", 0x104, 4, RegisterAccess.RO);
        device.register("SEG_MAX", 0x10c, 4, RegisterAccess.RO).reset(16);
        taken = device.state("taken");
        usedIndex = device.state("used index");
        interrupt = device.interrupt();
        answer = device.event("answer", this::answerAll);
        port = device.busMaster(32);
    }

    private void setStatus(int value) {
        if (value == 0) {
            taken.set(0);
            usedIndex.set(0);
            reasons.set(0);
            interrupt.lower();
            answer.cancel();
        } else if (mischief == Mischief.REFUSES_FEATURES) {
            status.set(value & ~8);
        }
    }

    private void acknowledge(int value) {
        reasons.set(reasons.get() & ~value);
        interrupt.set(reasons.get() != 0);
    }

    private static long unsigned(int address) {
        return address & 0xffff_ffffL;
    }

    private int load16(long pa) throws TransferException {
        byte[] bytes = new byte[2];
        port.read(pa, bytes, 0, 2);
        return bytes[0] & 0xff | (bytes[1] & 0xff) << 8;
    }

    private void answerAll() {
        try {
            while (taken.get() != load16(unsigned(avail.get()) + 2)) {
                answer(load16(unsigned(avail.get()) + 4 + 2L * (taken.get() % num.get())));
            }
        } catch (TransferException e) {
            throw new IllegalStateException(e);
        }
    }

    private void answer(int head) throws TransferException {
        List<Part> parts = new ArrayList<>();
        int flags = NEXT;
        for (int place = head; (flags & NEXT) != 0; ) {
            long at = unsigned(desc.get()) + 16L * place;
            flags = load16(at + 12);
            parts.add(new Part(unsigned(port.read32(at)), port.read32(at + 8), (flags & WRITE) != 0));
            place = load16(at + 14);
        }
        taken.set(taken.get() + 1 & 0xffff);
        if (is(Mischief.SILENT)) {
            wrongAnswers--;
            return;
        }
        int length = 0;
        for (Part part : parts) {
            if (part.written()) {
                boolean isStatus = part.length() == 1;
                byte[] bytes = new byte[part.length() + (is(Mischief.STRAY) && isStatus ? 8 : 0)];
                Arrays.fill(bytes, (byte) (isStatus ? 0 : 'A'));
                if (!(is(Mischief.NO_STATUS) && isStatus)) {
                    port.write(part.address(), bytes, 0, bytes.length);
                }
                length += part.length();
            }
        }
        int second = load16(unsigned(desc.get()) + 16L * head + 14);
        use(is(Mischief.ID_OUT_OF_RANGE) ? 1000 : is(Mischief.NEGATIVE_ID) ? -1 : is(Mischief.NOT_A_HEAD) ? second
                : head, is(Mischief.TOO_LONG) ? length + 1 : is(Mischief.NEGATIVE_LENGTH) ? -5
                : is(Mischief.SHORT) ? length - 1 : length);
        if (is(Mischief.TWICE)) {
            use(head, length);
        } else if (is(Mischief.MANY)) {
            usedIndex.set(usedIndex.get() + 500 & 0xffff);
            publish();
        }
        if (!is(Mischief.LOST_INTERRUPT)) {
            reasons.set(1);
            interrupt.raise();
        }
        wrongAnswers--;
        if (mischief == Mischief.SPURIOUS && wrongAnswers > 0) {
            answer.scheduleIn(ANSWER_TICKS);
            reasons.set(1);
            interrupt.raise();
        }
    }

    private void use(int id, int length) throws TransferException {
        long entry = unsigned(used.get()) + 4 + 8L * (usedIndex.get() % num.get());
        port.write32(entry, id);
        port.write32(entry + 4, length);
        usedIndex.set(usedIndex.get() + 1 & 0xffff);
        publish();
    }

    private void publish() throws TransferException {
        port.write(unsigned(used.get()) + 2, new byte[] {(byte) usedIndex.get(), (byte) (usedIndex.get() >> 8)}, 0, 2);
    }
}
