package org.example.timer;

/** A class of a user's that cannot be created. */
public final class Broken {

    public Broken() {
        throw new IllegalStateException("no dice");
    }
}
