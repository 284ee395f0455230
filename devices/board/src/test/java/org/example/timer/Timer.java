package org.example.timer;

import ferrite.hardware.model.DeviceBuilder;
import ferrite.hardware.model.DeviceModel;
import ferrite.hardware.model.Interrupt;
import ferrite.hardware.model.Register;
import ferrite.hardware.model.RegisterAccess;
import ferrite.hardware.model.TimedEvent;

/** The model of a user's device: it rings some ticks after a store to DELAY, and wears out. */
public final class Timer implements DeviceModel {

    @Override
    public void build(DeviceBuilder device) {
        device.name("timer").compatible("example,timer").size(0x2000).property("example,bells", 2);
        int limit = Integer.parseInt(device.parameter("limit", "9", "number of rings that it can do"));
        if (limit == 0) {
            throw new IllegalArgumentException("a timer that never rings is none");
        }
        Interrupt interrupt = device.interrupt();
        Register rings = device.register("RINGS", 0, 4, RegisterAccess.RO);
        TimedEvent ring = device.event("ring", () -> {
            if (rings.get() == limit) {
                throw new IllegalStateException("worn out");
            }
            rings.set(rings.get() + 1);
            interrupt.raise();
        });
        device.register("DELAY", 4, 4, RegisterAccess.WO).onWrite(ring::scheduleIn);
    }
}
