"""Makes a store of the version before, with what that version answered, for the test beside this file.

    python3 make.py PAIHAO FOLDER

makes sqlite.db.gz and redis.resp.gz with sqlite.json.gz and redis.json.gz in FOLDER. PAIHAO is the binary of the version
whose stores shall be kept. The days stand on a clock that only this script moves, so
every answer can be compared to the letter. Three kinds of answers are kept:

seen      what people saw at the end: pages' JSON, boards and consoles by socket, day reports, calendars
repeats   every command of these days, sent again with its key: the first answer, and nothing happens
then      what the hall did next, so that the test can do the same and see the same
"""

import base64
import csv
import glob
import gzip
import http.client
import http.server
import io
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import quote

# What is drawn at random, or names what is; everything else must be the same.
DRAWN = {"token", "page", "ics", "code", "bearer", "link", "family", "enrol", "url", "client", "revision_of"}
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PLANS, SECRET_FILE, RECEIVER = [], [], None
END = "2026-11-23T10:42:00+08:00"


class Receiver(http.server.ThreadingHTTPServer):
    """Another program that is told what happens: takes it, refuses one notification, and is unwell in the end."""

    refuses_next = is_unwell = False
    refused = None

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Taking)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class Taking(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        told, receiver = self.headers["webhook-id"], self.server
        if receiver.refuses_next:
            receiver.refuses_next, receiver.refused = False, told
        status = 503 if receiver.is_unwell else 422 if told == receiver.refused else 204
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server:
    """A running paihao and people with bearers."""

    def __init__(self, binary, store, clock, bearers):
        command = [binary, "demo", "--store", store, "--listen", "127.0.0.1:0", "--clock", clock, "--speed", "0"]
        command += ["--plan", ",".join(PLANS)]
        command += ["--webhook", RECEIVER.url(), "--webhook-secret-file", SECRET_FILE[0]]
        command += ["--webhook-first-retry-ms", "10"]
        command += ["--speech-engine", "none"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.port = None
        for line in self.process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)/   all", line):
                self.port = int(found.group(1))
            if "stop with" in line:
                break
        if self.port is None:
            sys.exit(f"it did not start: {self.process.stderr.read()}")
        self.bearers = bearers
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)

    def send(self, who, method, path, body=None, key=None, headers=()):
        """Status, headers and text."""
        all_headers = {"accept-language": "en", **dict(headers)}
        if who:
            all_headers["authorization"] = f"Bearer {self.bearers[who]}"
        if key:
            all_headers["idempotency-key"] = key
        if body is not None and not isinstance(body, str):
            body = json.dumps(body, ensure_ascii=False)
            all_headers["content-type"] = "application/json"
        self.connection.request(method, path, body and body.encode(), all_headers)
        answer = self.connection.getresponse()
        text = answer.read().decode().replace(f"127.0.0.1:{self.port}", "127.0.0.1")
        return answer.status, answer.headers, text

    def watch(self, who, path):
        """The first view of a socket."""
        key = base64.b64encode(os.urandom(16)).decode()
        request = f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        request += f"sec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n"
        if who:
            request += f"authorization: Bearer {self.bearers[who]}\r\n"
        with socket.create_connection(("127.0.0.1", self.port)) as wire:
            wire.sendall((request + "\r\n").encode())
            reader = wire.makefile("rb")
            status = reader.readline()
            if b" 101 " not in status:
                sys.exit(f"{path}: {status}")
            while reader.readline().strip():
                pass
            while True:
                kind, length = reader.read(2)
                length &= 127
                if length > 125:
                    length = int.from_bytes(reader.read(2 if length == 126 else 8), "big")
                payload = reader.read(length)
                if kind & 15 == 1:
                    frame = json.loads(payload)
                    if frame.get("view") is not None:
                        return frame["view"]

    def set_clock(self, at):
        status, _, text = self.send(None, "POST", "/api/v1/demo/clock", {"at": at})
        assert status == 200, text

    def stop(self):
        """In order: every stream keeps a snapshot."""
        self.process.terminate()
        assert self.process.wait() == 0

    def kill(self):
        """Like a power cut: what is in the log is all there is."""
        self.process.kill()
        self.process.wait()


def digits_of(name):
    return int.from_bytes(name.encode(), "big") % 100_000_000


class Days:
    """What happens, written down as it happens."""

    def __init__(self, binary, store):
        self.binary, self.store = binary, store
        self.bearers, self.repeats, self.tickets, self.bookings, self.keys = {}, [], {}, {}, 0
        self.server = None

    def starts(self, clock):
        self.server = Server(self.binary, self.store, clock, self.bearers)

    def clock(self, at):
        self.server.set_clock(f"{self.date}T{at}+08:00")

    def does(self, who, path, body=None, status=None, method="POST", keep=True, headers=()):
        self.keys += 1
        key = f"key-of-an-older-version-{self.keys}"
        path, body = f"/api/v1{path}", {} if body is None else body
        was, head, text = self.server.send(who, method, path, body, key, headers)
        expected = (status,) if status else (200, 201, 202)
        assert was in expected, f"{method} {path} {body}: {was} {text}"
        if keep and was < 300:
            self.repeats.append({"as": who, "method": method, "path": path, "key": key, "body": body})
        self.last_headers = head
        return json.loads(text) if text.startswith(("{", "[")) else text

    def gets(self, who, path):
        status, head, text = self.server.send(who, "GET", f"/api/v1{path}")
        assert status == 200, f"{path}: {status} {text}"
        self.last_headers = head
        return json.loads(text)

    def is_told(self):
        """Waits until nothing more is settled, and for a while until one notification was given up."""
        marks, letters = [], []
        while len(marks) < 30 or len(set(marks[-30:])) > 1 or not letters and len(marks) < 150:
            ((_, mark, letters),) = told(self.gets("manager", "/halls/tianyuan/webhooks"))
            marks.append(mark)
            time.sleep(0.1)

    # the verbs of the people

    def takes(self, name, service="fine", who="kiosk", hall="tianyuan", **more):
        answer = self.does(who, f"/halls/{hall}/tickets", {"service": service, **more})
        self.tickets[name] = answer["token"]
        return answer["number"]

    def window(self, number, action, hall="tianyuan", who="officer", **body):
        answer = self.does(who, f"/halls/{hall}/windows/{number}/{action}", body)
        return (answer.get("ticket") or {}).get("number")

    def holder(self, name, action, **body):
        return self.does(None, f"/tickets/{self.tickets[name]}/{action}", body)

    def manager(self, action, **body):
        return self.does("manager", f"/halls/tianyuan/{action}", body)

    def usher(self, action, **body):
        return self.does("usher", f"/halls/tianyuan/usher/{action}", body)

    def books(self, name, service, slot, status=None, **more):
        person = {"name": name, "phone": f"139{digits_of(name):08}", "id_number": f"430204{digits_of(name):012}"}
        body = {"service": service, "slot": slot, "person": person, **more}
        answer = self.does(None, "/halls/tianyuan/appointments", body, status)
        if "token" in answer:
            self.bookings[name] = answer
        return answer

    def booking(self, name, action, **body):
        return self.does(None, f"/appointments/{self.bookings[name]['token']}/{action}", body)

    # the days

    def friday(self):
        self.date = "2026-11-20"
        self.starts("2026-11-20T08:40:00+08:00")
        self.staff()
        self.clock("08:55:00")
        self.changes_the_plan()
        self.places_are_booked()
        self.numbers_are_taken()
        self.windows_work()
        self.a_number_moves()
        self.words_and_help()
        self.the_guide_is_edited()
        self.an_interruption()

    def staff(self):
        for role in ("kiosk", "officer", "usher", "manager", "display"):
            body = {"role": role, "hall": "tianyuan"}
            status, _, text = self.server.send(None, "POST", "/api/v1/demo/sign-in", body)
            assert status == 200, text
            self.bearers[role] = json.loads(text)["bearer"]
        for account, role, secret in (
            ("chief", "manager", "correct horse battery"),
            ("1024", "officer", "204816"),
            ("1025", "officer", "204816"),
            ("2048", "usher", "204816"),
        ):
            body = {"account": account, "name": f"name of {account}", "secret": secret, "role": role}
            self.does("manager", "/accounts", {**body, "hall": "tianyuan"}, keep=False)
        self.does("manager", "/accounts/disable", {"id": "1025"}, keep=False)
        for device, kind in (("kiosk-7", "kiosk"), ("display-1", "display"), ("kiosk-8", "kiosk")):
            body = {"device": device, "kind": kind, "hall": "tianyuan"}
            self.bearers[device] = self.does("manager", "/devices", body, keep=False)["token"]
        self.does("manager", "/devices/revoke", {"id": "kiosk-8"}, keep=False)
        body = {"account": "1024", "secret": "204816"}
        self.bearers["1024"] = self.does(None, "/sign-in", body, keep=False)["bearer"]

    def changes_the_plan(self):
        plan = self.gets("manager", "/halls/tianyuan/plan")
        visits = {"id": "home", "kind": "home_visit", "services": ["licence"], "weekdays": ["Mon", "Tue"]}
        visits |= {"hours": "14:00-17:00", "slot_minutes": 60, "places": 1, "officers": ["1024"]}
        desk = {"id": "desk", "services": ["vehicle"], "weekdays": ["Mon", "Fri"], "hours": "10:00-11:30"}
        desk |= {"slot_minutes": 30, "places": 2, "windows": [4]}
        plan["appointments"] += [visits, desk]
        plan["windows"][6]["prefers"] = "elderly"
        headers = {"if-match": self.last_headers["etag"]}
        self.does("manager", "/halls/tianyuan/plan", plan, method="PUT", keep=False, headers=headers)
        notice = {"zh": "二号窗口今天不开。", "en": "Window 2 is closed today."}
        self.manager("notices", notices=[{"text": notice}])

    def places_are_booked(self):
        nine, half_past, ten = (f"weekend-20261121T{time}" for time in ("0900", "0930", "1000"))
        for name in ("Ann", "Bob", "Eve", "Dan"):
            self.books(name, "licence", nine)
        self.books("Fay", "licence", nine, status=409)
        self.books("Fay", "licence", nine, wait_list=True)
        self.books("Gil", "licence", nine, wait_list=True)
        self.booking("Bob", "cancel", reason="ill")
        self.booking("Fay", "confirm")
        self.books("Hal", "exam", half_past)
        self.booking("Hal", "move", slot=ten)
        self.books("Ida", "exam", ten, needs=["wheelchair"], language="en", cases=2)
        self.booking("Ida", "wait-list", slot=half_past.replace("0930", "1030"))
        self.books("Jon", "licence", "weekend-20261122T0900")
        self.books("Kay", "registration", "weekend-20261128T0900")
        self.books("Leo", "registration", "weekend-20261128T0930")
        self.books("Mia", "vehicle", "desk-20261123T1000")
        self.books("Ned", "vehicle", "desk-20261123T1030")
        self.books("Oda", "vehicle", "desk-20261123T1100")
        for name in ("Rex", "Sue"):
            self.books(name, "vehicle", "desk-20261130T1000")
        self.books("Tom", "vehicle", "desk-20261130T1000", wait_list=True)
        self.books("Uma", "vehicle", "desk-20261130T1000", wait_list=True)
        booker = {"name": "Pam", "phone": "13900000001", "id_number": "430204000000000001"}
        home = {"address": "1 Pearl River Road", "booker": booker}
        self.books("Pip", "licence", "home-20261123T1400", **home)
        self.books("Quy", "licence", "home-20261124T1400", **home)
        held = {"service": "licence", "slot": "weekend-20261128T1000", "client": "client-of-an-older-version"}
        first = self.does(None, "/halls/tianyuan/holds", held)
        self.does(None, "/halls/tianyuan/holds", {**held, "slot": "weekend-20261128T1030"})
        hold = self.does(None, "/halls/tianyuan/holds", {"service": "exam", "slot": "weekend-20261128T1100"})
        self.books("Ray", "exam", "weekend-20261128T1100", hold=hold["token"])
        assert first["token"] != hold["token"]

    def numbers_are_taken(self):
        self.clock("09:00:00")
        for n in range(6):
            self.takes(f"fine {n}")
        self.takes("old", service="fine", **{"class": "elderly"})
        self.takes("chair", service="licence", needs=["wheelchair"], person="430204199001011234")
        self.takes("two", service="vehicle", also=["mark"], party=2, cases=3, language="en")
        self.takes("exam", service="exam", who="kiosk-7")
        self.takes("phone", who=None)
        self.tickets["usher"] = self.does(
            "usher", "/halls/tianyuan/usher/issue", {"service": "licence", "reason": "no smartphone"}
        )["token"]
        for n in range(3):
            self.takes(f"lusong {n}", hall="lusong")
        leases = self.does("kiosk", "/halls/tianyuan/leases")["leases"]
        block = next(lease for lease in leases if lease["prefix"] == "A")
        lent = {"lease": block["lease"], "service": "fine", "taken_at": "2026-11-20T09:01:00+08:00"}
        self.clock("09:02:00")
        for number in ("A901", "A903"):
            paper = {**lent, "number": number, "token": f"{'paper-' + number:-<22}"}
            self.tickets[number] = self.does("kiosk", "/halls/tianyuan/leases/tickets", paper)["token"]
        unheard = f"key-of-an-older-version-{self.keys + 1}"
        self.takes("unheard", who="kiosk")
        paper = {**lent, "number": "A904", "token": f"{'paper-A904':-<22}", "instead_of": unheard}
        self.tickets["A904"] = self.does("kiosk", "/halls/tianyuan/leases/tickets", paper)["token"]
        block = next(lease for lease in leases if lease["prefix"] == "F")
        self.does("kiosk", "/halls/tianyuan/leases/return", {"lease": block["lease"]})

    def windows_work(self):
        self.window(1, "open")
        self.window(3, "open", who="1024")
        self.window(4, "open", services=["vehicle"])
        self.window(7, "open")
        self.clock("09:06:00")
        self.window(1, "call-next")
        self.window(1, "undo")
        self.window(1, "call-next")
        self.clock("09:06:30")
        self.window(1, "recall")
        self.window(1, "start")
        self.window(3, "call-next", who="1024")
        self.window(3, "start", who="1024")
        self.window(4, "call-next")
        self.window(7, "call-next")
        self.clock("09:12:00")
        self.window(1, "finish", outcome="done", fees="12.50", cases=2, note="paid")
        self.holder("old", "rating", stars=5, reasons=[], text="quick")
        self.window(3, "park", who="1024", note="copy of the identity card")
        self.window(4, "next-service", service="mark")
        self.window(7, "start")
        self.window(7, "transfer", service="licence", window=3, note="wants a licence")
        self.clock("09:15:00")
        self.window(1, "call-next")
        self.holder("fine 3", "defer")
        self.holder("fine 4", "cancel")
        self.holder("fine 5", "change", service="mark")
        self.usher("reprint", number="A001")
        self.window(3, "call-next", who="1024")
        self.clock("09:26:00")
        self.window(1, "missed")
        self.window(3, "finish-and-call-next", who="1024", outcome="documents_missing")
        self.window(4, "pause", reason="printer")
        self.window(1, "serve-directly", service="fine")
        self.window(1, "finish")
        for _ in range(4):
            self.clock(f"09:{28 + 2 * _}:00")
            self.window(1, "finish-and-call-next")
        self.manager("pause", reason="alarm")
        self.manager("resume")
        self.manager("suspend", service="exam", reason="computer", until="2026-11-20T11:00:00+08:00")
        self.window(4, "resume-window")
        self.usher("helped-online", service="mark")

    def a_number_moves(self):
        self.clock("09:40:00")
        self.takes("leaves")
        self.takes("leaves too")
        for name in ("leaves", "leaves too"):
            moved = self.does(None, f"/tickets/{self.tickets[name]}/move-to", {"hall": "lusong"})
            self.tickets[f"{name}, there"] = moved["token"]
        self.window(2, "open", hall="lusong")
        self.window(2, "call-next", hall="lusong")

    def words_and_help(self):
        word = self.does(None, "/halls/tianyuan/words", {"service": "fine", "text": "The photo machine is broken."})
        self.does("manager", f"/halls/tianyuan/words/{word['id']}/answer", {"text": "It is repaired."})
        self.does(None, "/halls/tianyuan/words", {"text": "Nobody answers the telephone."})
        self.holder("old", "report", text="The receipt was wrong.")
        call = self.does("kiosk", "/halls/tianyuan/help", {})
        self.does("usher", f"/halls/tianyuan/help/{call['id']}/answer", {})
        self.does("officer", "/halls/tianyuan/help", {"window": 1, "urgent": True})

    def the_guide_is_edited(self):
        for sheet in ("articles", "words"):
            with open(f"{ROOT}/guides/zhuzhou-{sheet}.csv", encoding="utf-8") as file:
                rows = list(csv.reader(file))[:6]
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            self.does("manager", "/halls/tianyuan/guide", text.getvalue(), method="PUT", keep=False)
        self.gets(None, f"/halls/tianyuan/guide?q={quote('今晚吃什么')}")

    def an_interruption(self):
        """Who waits gets a voucher; the rest of the day is quiet until it closes by itself."""
        self.clock("15:00:00")
        self.takes("late 1", insist=True)
        self.takes("late 2", service="licence", insist=True)
        self.manager("hand-on", number=self.gets(None, f"/tickets/{self.tickets['late 1']}")["number"], reason="ill")
        self.clock("16:45:00")
        self.does("kiosk", "/halls/tianyuan/tickets", {"service": "fine"}, status=409)
        self.manager("interruption", reason="power")
        for window, who in ((1, "officer"), (3, "1024"), (4, "officer"), (7, "officer")):
            self.ends(window, who)
        self.clock("17:40:00")

    def ends(self, window, who):
        console = self.gets(who, f"/halls/tianyuan/windows/{window}")
        if console.get("ticket"):
            self.window(window, "finish", who=who)
        self.window(window, "close", who=who)

    def saturday(self):
        self.date = "2026-11-21"
        self.clock("08:45:00")
        self.window(5, "open")
        self.window(6, "open", who="1024")
        self.does("kiosk", "/halls/tianyuan/check-ins", {"code": self.bookings["Ann"]["code"]})
        by = {"token": self.bookings["Dan"]["token"]}
        self.tickets["Dan"] = self.does("kiosk", "/halls/tianyuan/check-ins", by)["token"]
        self.clock("09:05:00")
        self.window(6, "call-next", who="1024")
        self.clock("09:12:00")
        self.window(6, "finish-and-call-next", who="1024")
        self.clock("09:50:00")
        self.window(6, "finish", who="1024")
        by = {"id_number": f"430204{digits_of('Ida'):012}"}
        self.tickets["Ida"] = self.does("kiosk", "/halls/tianyuan/check-ins", by)["token"]
        self.window(6, "call-next", who="1024")
        self.clock("10:20:00")
        self.window(6, "finish", who="1024", outcome="documents_missing", note="photo")
        self.clock("12:40:00")
        self.date = "2026-11-22"
        self.clock("13:00:00")

    def monday(self):
        self.date, self.repeats = "2026-11-23", []  # a command's id is known for a day and a night
        self.clock("08:52:00")
        for n in range(5):
            self.takes(f"monday {n}")
        self.takes("again", service="licence", voucher=self.tickets["late 2"])
        for name, kind in (("child", "pregnant"), ("soldier", "military"), ("old 1", "elderly"), ("old 2", "elderly")):
            self.takes(name, **{"class": kind})
        for n in range(3):
            self.takes(f"licence {n}", service="licence", who="kiosk-7")
        for n in range(2):
            self.takes(f"lusong monday {n}", hall="lusong")
        leases = self.does("kiosk", "/halls/tianyuan/leases")["leases"]
        block = next(lease for lease in leases if lease["prefix"] == "A")
        self.clock("09:10:00")
        self.window(1, "open")
        self.window(3, "open", who="1024")
        self.window(7, "open")
        self.window(1, "call-next")
        self.window(7, "call-next")
        self.window(3, "call-next", who="1024")
        self.clock("09:16:00")
        self.window(1, "finish-and-call-next")
        self.window(7, "start")
        self.window(3, "start", who="1024")
        paper = {"lease": block["lease"], "service": "fine", "taken_at": "2026-11-23T09:11:00+08:00"}
        paper |= {"number": "A901", "token": f"{'monday-A901':-<22}"}
        self.tickets["monday A901"] = self.does("kiosk", "/halls/tianyuan/leases/tickets", paper)["token"]
        self.server.stop()  # the snapshot; what follows stands behind it
        self.starts("2026-11-23T09:20:00+08:00")
        RECEIVER.refuses_next = True
        self.clock("09:30:00")
        self.window(1, "missed")
        self.window(1, "call-next")
        self.window(1, "start")
        self.window(5, "open")
        self.window(6, "open")
        self.window(6, "call-next")
        self.window(6, "start")
        self.window(6, "transfer", service="registration", window=5)
        self.window(5, "close")  # whom it was meant for stands in line again
        self.window(6, "close")
        self.window(7, "park", note="copy")
        self.window(7, "call-next")
        self.window(4, "open")
        self.holder("monday 4", "cancel")
        self.clock("09:55:00")
        self.does("kiosk", "/halls/tianyuan/check-ins", {"code": self.bookings["Mia"]["code"]})
        self.takes("vehicle", service="vehicle")
        self.takes("deferred")
        self.clock("10:05:00")
        self.is_told()
        RECEIVER.is_unwell = True  # what follows is not told yet
        self.window(4, "call-next")
        self.holder("deferred", "defer")
        self.window(3, "finish", who="1024", outcome="documents_missing", note="medical certificate")
        self.window(3, "call-next", who="1024")
        self.window(7, "finish", fees="3.00")
        self.window(7, "call-next")
        self.window(7, "transfer", service="vehicle", window=4, note="the plates too")
        self.takes("leaves on monday")
        moved = self.does(None, f"/tickets/{self.tickets['leaves on monday']}/move-to", {"hall": "lusong"})
        self.tickets["leaves on monday, there"] = moved["token"]
        self.does("officer", "/halls/tianyuan/help", {"window": 4})
        self.does("manager", f"/halls/tianyuan/appointments/{self.bookings['Quy']['code']}/assign", {"officer": "1024"})
        self.does(None, "/halls/tianyuan/holds", {"service": "exam", "slot": "weekend-20261128T0930"})
        word = {"service": "exam", "text": "No times are free."}
        self.word = self.does(None, "/halls/tianyuan/words", word)["id"]
        self.clock("10:40:00")
        by = {"token": self.bookings["Ned"]["token"]}
        self.tickets["Ned"] = self.does("kiosk", "/halls/tianyuan/check-ins", by)["token"]
        self.takes("last")
        self.clock("10:42:00")
        self.is_told()


def told(webhooks):
    """How far another program was told, and what it would not take."""
    letters = lambda endpoint: [[letter[key] for key in ("id", "type", "subject", "body")] for letter in endpoint["dead_letters"]]
    return [[endpoint["name"], endpoint["version"], letters(endpoint)] for endpoint in webhooks["endpoints"]]


def masked(value, name=""):
    """Without what was drawn at random."""
    if name in DRAWN and isinstance(value, str):
        return "drawn"
    if isinstance(value, dict):
        return {key: masked(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return value


def as_json(text):
    return json.loads(text) if text.startswith(("{", "[")) else text


def looks(days):
    """Who looks at what at the end."""
    api = [(None, "/halls"), (None, "/halls/tianyuan"), (None, "/halls/lusong"), (None, "/halls/tianyuan/board")]
    api += [(None, "/halls/lusong/board"), ("manager", "/halls/tianyuan/plan"), ("manager", "/halls/tianyuan/guide/words")]
    api += [(None, f"/tickets/{token}") for token in days.tickets.values()]
    api += [(None, f"/appointments/{booking['token']}") for booking in days.bookings.values()]
    api += [(None, f"/tickets/{days.tickets[name]}/elsewhere") for name in ("last", "deferred")]
    for window in (1, 3, 4, 7):
        api += [("officer", f"/halls/tianyuan/windows/{window}{more}") for more in ("", "/next", "/sign-off")]
    for hall in ("tianyuan", "lusong"):
        api += [("manager", f"/halls/{hall}/days/{date}") for date in ("2026-11-20", "2026-11-23")]
    api += [("manager", "/halls/tianyuan/days/2026-11-21")]
    for by in ("service", "window", "hour"):
        api += [("manager", f"/halls/tianyuan/stats?from=2026-11-20&to=2026-11-23&by={by}&format=csv")]
    for date in ("2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24", "2026-11-28"):
        api += [("usher", f"/halls/tianyuan/appointments?date={date}")]
    api += [("1024", "/halls/tianyuan/appointments?date=2026-11-24&officer=1024")]
    for service in ("licence", "exam", "vehicle", "registration"):
        api += [(None, f"/halls/tianyuan/slots?service={service}&from=2026-11-23&to=2026-11-30")]
    api += [(None, f"/halls/tianyuan/guide?typing=true&q={quote(question)}") for question in ("电子眼", "违章多久")]
    api += [("manager", "/halls/tianyuan/guide/misses"), ("kiosk", "/halls/tianyuan/printer")]
    sockets = [(None, "/ws/halls/tianyuan/board"), (None, "/ws/halls/lusong/board"), ("kiosk", "/ws/halls/tianyuan/kiosk")]
    sockets += [("manager", "/ws/halls/tianyuan/overview"), ("1024", "/ws/halls/tianyuan/windows/3")]
    others = [(None, "/tianyuan/hours.ics"), (None, f"/a/{days.bookings['Kay']['token']}/appointment.ics")]
    return [(who, f"/api/v1{path}") for who, path in api] + others, sockets


def then(days):
    """What the hall does next; a ticket is meant by its old token."""
    tianyuan, windows = "/api/v1/halls/tianyuan", "/api/v1/halls/tianyuan/windows"
    at = lambda clock: (None, "POST", "/api/v1/demo/clock", {"at": f"2026-11-23T{clock}+08:00"})
    slot = "weekend-20261128T1130"
    person = {"name": "Zoe", "phone": "13900000009", "id_number": "43020419900101009X"}
    steps = [
        ("kiosk", "POST", f"{tianyuan}/tickets", {"service": "fine"}),
        ("kiosk-7", "POST", f"{tianyuan}/tickets", {"service": "licence", "class": "elderly"}),
        ("kiosk-8", "POST", f"{tianyuan}/tickets", {"service": "fine"}),
        (None, "POST", "/api/v1/sign-in", {"account": "1024", "secret": "204816"}),
        (None, "POST", "/api/v1/sign-in", {"account": "1025", "secret": "204816"}),
        ("officer", "GET", f"{windows}/1/next", None),
        ("officer", "POST", f"{windows}/1/undo", {}),
        ("officer", "POST", f"{windows}/1/finish-and-call-next", {}),
        ("officer", "POST", f"{windows}/7/open", {}),
        ("officer", "POST", f"{windows}/7/call-next", {}),
        ("1024", "POST", f"{windows}/3/start", {}),
        at("10:50:00"),
        ("1024", "POST", f"{windows}/3/finish-and-call-next", {}),
        ("officer", "POST", f"{windows}/4/finish-and-call-next", {}),
        (None, "POST", f"/api/v1/tickets/{days.tickets['deferred']}/cancel", {}),
        (None, "POST", f"/api/v1/tickets/{days.tickets['last']}/move-to", {"hall": "lusong"}),
        (None, "POST", f"{tianyuan}/holds", {"service": "licence", "slot": slot}),
        (None, "POST", f"{tianyuan}/appointments", {"service": "licence", "slot": slot, "person": person}),
        (None, "POST", f"/api/v1/appointments/{days.bookings['Kay']['token']}/move", {"slot": slot}),
        (None, "POST", f"/api/v1/appointments/{days.bookings['Rex']['token']}/cancel", {"reason": "ill"}),
        (None, "POST", f"/api/v1/appointments/{days.bookings['Tom']['token']}/confirm", {}),
        (None, "POST", f"/api/v1/appointments/{days.bookings['Uma']['token']}/leave-wait-list", {}),
        (None, "POST", f"/api/v1/appointments/{days.bookings['Sue']['token']}/cancel", {}),
        ("manager", "GET", f"{tianyuan}/appointments?date=2026-11-30", None),
        ("kiosk", "POST", f"{tianyuan}/check-ins", {"code": days.bookings["Oda"]["code"]}),
        ("kiosk", "POST", f"{tianyuan}/leases", {"low": ["A"]}),
        ("1024", "POST", f"{tianyuan}/help", {"window": 3}),
        ("manager", "POST", f"{tianyuan}/words/{days.word}/answer", {"text": "There are more now."}),
        ("kiosk", "POST", f"{tianyuan}/tickets", {"service": "fine", "voucher": days.tickets["late 1"]}),
        (None, "GET", f"{tianyuan}/board", None),
        ("officer", "POST", f"{windows}/1/close", {}),
        ("manager", "POST", f"{tianyuan}/override-sign-off", {"window": 4, "reason": "fire"}),
        ("officer", "GET", f"{windows}/7/next", None),
    ]
    for minute in range(5, 35, 2):
        steps += [at(f"11:{minute:02}:00"), ("officer", "POST", f"{windows}/7/finish-and-call-next", {})]
    steps += [
        (None, "GET", f"{tianyuan}/board", None),
        ("officer", "GET", f"{windows}/7", None),
        at("16:20:00"),
        ("manager", "POST", f"{tianyuan}/interruption", {"reason": "power"}),
        at("17:30:00"),
        at("18:30:00"),
        ("manager", "GET", f"{tianyuan}/days/2026-11-23", None),
        ("manager", "GET", f"{tianyuan}/stats?from=2026-11-20&to=2026-11-23&by=service", None),
        (None, "POST", "/api/v1/demo/clock", {"at": "2026-11-24T09:01:00+08:00"}),
        ("manager", "GET", f"{tianyuan}/days/2026-11-23", None),
        ("kiosk", "POST", f"{tianyuan}/tickets", {"service": "fine"}),
        (None, "GET", f"{tianyuan}/board", None),
        (None, "GET", f"{tianyuan}", None),
    ]
    return steps


def verify(binary, store):
    """Records and closed days of each stream."""
    said = subprocess.run([binary, "verify", "--store", store], capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout.splitlines()


def asks(binary, store, days):
    """Everything that the test compares, from the version that made the store."""
    server = Server(binary, store, END, days.bearers)
    seen, sockets = looks(days)
    answers = {"seen": [], "sockets": [], "repeats": [], "then": []}
    for who, path in seen:
        status, _, text = server.send(who, "GET", path)
        assert status in (200, 404), f"{path}: {status} {text}"
        answers["seen"].append({"as": who, "path": path, "body": as_json(text)})
    for who, path in sockets:
        answers["sockets"].append({"as": who, "path": path, "view": server.watch(who, path)})
    _, _, text = server.send("manager", "GET", "/api/v1/halls/tianyuan/webhooks")
    answers["told"] = told(json.loads(text))
    for step in days.repeats:
        status, _, text = server.send(step["as"], step["method"], step["path"], step["body"], step["key"])
        answers["repeats"].append({**step, "status": status, "answer": as_json(text)})
    server.kill()
    answers["after_repeats"] = verify(binary, store)
    server = Server(binary, store, END, days.bearers)
    for n, (who, method, path, body) in enumerate(then(days)):
        key = f"key-of-the-days-after-{n}" if method == "POST" else None
        status, _, text = server.send(who, method, path, body, key)
        step = {"as": who, "method": method, "path": path, "key": key, "body": body}
        answers["then"].append({**step, "status": status, "answer": masked(as_json(text))})
    server.stop()
    answers["after_then"] = verify(binary, store)
    return answers


def made_and_asked(binary, store, keep):
    """Lives the days on a store, keeps it, and asks the version that made it."""
    days = Days(binary, store)
    try:
        days.friday()
        days.saturday()
        days.monday()
    finally:
        days.server.kill()
    made = verify(binary, store)
    keep()
    return {"clock": END, "bearers": days.bearers, "made": made, **asks(binary, store, days)}


def sqlite(binary, folder, work):
    path = f"{work}/paihao.db"

    def keep():
        # what a server does that opens it after a power cut: the write-ahead log goes into the file
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pack(f"{folder}/sqlite.db.gz", open(path, "rb").read())

    return made_and_asked(binary, f"sqlite:{path}", keep)


def redis(binary, folder, work):
    """As the commands that make it again, which every Redis reads."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    settings = "--appendonly yes --appendfsync always --maxmemory-policy noeviction --aof-use-rdb-preamble no"
    command = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", work, *settings.split(), "--save", ""]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    ask = lambda *words: subprocess.run(["redis-cli", "-p", port, *words], capture_output=True, text=True).stdout

    def until(condition):
        while not condition():
            time.sleep(0.05)

    def keep():
        ask("BGREWRITEAOF")
        until(lambda: "aof_rewrite_in_progress:0" in ask("INFO", "persistence") and glob.glob(f"{work}/appendonlydir/*.2.base.aof"))
        (base,) = glob.glob(f"{work}/appendonlydir/*.2.base.aof")
        pack(f"{folder}/redis.resp.gz", open(base, "rb").read())

    until(lambda: ask("PING").strip() == "PONG")
    try:
        return made_and_asked(binary, f"redis://127.0.0.1:{port}", keep)
    finally:
        server.kill()
        server.wait()


def plans(folder):
    """The sample halls, the first under another name: the demo gives the sample its guide, which is too long to keep."""
    for name in ("zhuzhou", "lusong"):
        with open(f"{ROOT}/plans/{name}.toml", encoding="utf-8") as plan:
            text = plan.read().replace('hall = "zhuzhou"', 'hall = "tianyuan"')
        with open(f"{folder}/{name}.toml", "w", encoding="utf-8") as plan:
            plan.write(text)
        yield f"{folder}/{name}.toml"


def pack(path, data):
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(data)


def main():
    global RECEIVER
    binary, folder = sys.argv[1:]
    for name, make in (("sqlite", sqlite), ("redis", redis)):
        with tempfile.TemporaryDirectory() as work:
            PLANS[:], SECRET_FILE[:] = plans(work), [f"{work}/secret"]
            with open(SECRET_FILE[0], "w") as file:
                file.write(f"whsec_{base64.b64encode(b'a secret of the old stores').decode()}\n")
            RECEIVER = Receiver()
            answers = make(binary, folder, work)
        text = json.dumps(answers, ensure_ascii=False, indent=0, sort_keys=True)
        pack(f"{folder}/{name}.json.gz", text.encode())


if __name__ == "__main__":
    main()
