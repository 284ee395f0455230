package ferrite.debugport.http;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The pages of a machine, for HTTP clients. The board offers them and makes their JSON, so that a report has one form
 * in all front ends.
 */
public interface WebPages {

    /** Path of the WebSocket with the machine's events. */
    String EVENTS = "/api/v1/events";

    /**
     * A page as it is sent.
     *
     * @param status the HTTP status: 200, or an error's
     * @param json   the body, a JSON text in UTF-8
     */
    record Answer(int status, byte[] json) { }

    /** A client's end of the event stream. The thread that holds the turn calls it. */
    @FunctionalInterface
    interface EventSink {

        /**
         * Offers an event. A sink without room counts it as dropped, and does not call the supplier.
         *
         * @param json makes the event's JSON; works only during the call
         */
        void offer(Supplier<byte[]> json);
    }

    /** Returns the paths that are served, without {@link #EVENTS}. They never change. Any thread may call this. */
    List<String> paths();

    /**
     * Makes a page. The thread that holds the turn calls this. It only looks.
     *
     * @param path       one of {@link #paths}
     * @param parameters the parameters of the query by their names
     */
    Answer page(String path, Map<String, String> parameters);

    /** Makes the JSON of an error. Any thread may call this. */
    byte[] error(int status, String sentence);

    /** Makes the JSON of the event that tells a number of dropped events. Any thread may call this. */
    byte[] dropped(long events);

    /** Offers each event from now on to a sink. The thread that holds the turn calls this. */
    void follow(EventSink sink);

    /** Ends {@link #follow}, if it was called. The thread that holds the turn calls this. */
    void unfollow(EventSink sink);
}
