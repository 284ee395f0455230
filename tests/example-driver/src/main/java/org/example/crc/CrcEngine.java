package org.example.crc;

import ferrite.hardware.model.BitField;
import ferrite.hardware.model.BusPort;
import ferrite.hardware.model.DeviceBuilder;
import ferrite.hardware.model.DeviceModel;
import ferrite.hardware.model.Interrupt;
import ferrite.hardware.model.Register;
import ferrite.hardware.model.RegisterAccess;
import ferrite.hardware.model.TimedEvent;
import ferrite.hardware.model.TransferException;

/** An engine that masters the bus and sums up bytes in memory: CRC-32, a piece of {@value #PIECE} bytes at a time. */
public final class CrcEngine implements DeviceModel {

    private static final int PIECE = 256;
    private static final int PIECE_TICKS = 32;
    private static final int POLYNOMIAL = 0xedb8_8320;

    private BusPort port;
    private Interrupt interrupt;
    private TimedEvent work;
    private Register address;
    private Register length;
    private Register result;
    private BitField done;
    private BitField failed;
    private Register next;
    private Register left;
    private Register sum;

    @Override
    public void build(DeviceBuilder device) {
        device.name("crc").compatible("example,crc");
        port = device.busMaster(Integer.parseInt(device.parameter("wires", "32", "number of address wires")));
        interrupt = device.interrupt();
        work = device.event("work", this::work);
        address = device.register("ADDRESS", CrcRegisters.ADDRESS, 4, RegisterAccess.RW);
        length = device.register("LENGTH", CrcRegisters.LENGTH, 4, RegisterAccess.RW);
        device.register("START", CrcRegisters.START, 4, RegisterAccess.WO).onWrite(value -> start());
        Register status = device.register("STATUS", CrcRegisters.STATUS, 4, RegisterAccess.W1C)
                .onWrite(value -> interrupt.set(done.isSet()));
        done = status.bit("DONE", 0);
        failed = status.bit("FAILED", 1);
        result = device.register("RESULT", CrcRegisters.RESULT, 4, RegisterAccess.RO);
        next = device.state("next");
        left = device.state("left");
        sum = device.state("sum");
    }

    private void start() {
        next.set(address.get());
        left.set(length.get());
        sum.set(-1);
        work.scheduleIn(PIECE_TICKS);
    }

    private void work() {
        byte[] piece = new byte[Integer.compareUnsigned(left.get(), PIECE) < 0 ? left.get() : PIECE];
        try {
            port.read(next.get() & 0xffff_ffffL, piece, 0, piece.length);
        } catch (TransferException e) {
            failed.set();
            end();
            return;
        }
        for (byte value : piece) {
            add(value);
        }
        next.set(next.get() + piece.length);
        left.set(left.get() - piece.length);
        if (left.get() == 0) {
            result.set(~sum.get());
            end();
        } else {
            work.scheduleIn(PIECE_TICKS);
        }
    }

    private void add(byte value) {
        int remainder = sum.get() ^ value & 0xff;
        for (int bit = 0; bit < 8; bit++) {
            remainder = remainder >>> 1 ^ (POLYNOMIAL & -(remainder & 1));
        }
        sum.set(remainder);
    }

    private void end() {
        done.set();
        interrupt.raise();
    }

    @Override
    public String request() {
        return "it sums up " + Integer.toUnsignedString(left.get()) + " more bytes";
    }
}
